"""What every page needs: who asks, and where one can go."""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from orchestrator.models import User
from orchestrator.services.people import standing


class PageRequest(HttpRequest):
    """A request behind the sign-in, as middleware completes it; only for type checking."""

    user: User
    htmx: HtmxDetails


def page_of(request: HttpRequest) -> PageRequest:
    return cast(PageRequest, request)


@dataclass(frozen=True, slots=True)
class Destination:
    name: str
    label: str
    icon: str


DESTINATIONS = (
    Destination("home", "Chat", "chat"),
    Destination("dashboard", "Dashboard", "gauge"),
    Destination("runs", "Runs", "branch"),
    Destination("trips", "Trips", "list"),
    Destination("prompts", "Prompts", "file"),
    Destination("rules", "Rules", "signpost"),
    Destination("health", "Health", "pulse"),
    Destination("settings", "Settings", "sliders"),
)


# Shown once somebody works in a team, so that who works alone sees nothing of it.
TEAMS = Destination("teams", "Teams", "people")


def shell(request: HttpRequest) -> dict[str, object]:
    """What stands around every page. Error pages have no person at hand."""
    match, user = request.resolver_match, getattr(request, "user", None)
    known: dict[str, object] = {
        "destinations": DESTINATIONS,
        "here": match.url_name if match else "",
    }
    if isinstance(user, User) and user.current_team_id is not None:
        known["destinations"] = (*DESTINATIONS[:-1], TEAMS, DESTINATIONS[-1])
        known["standing"] = standing.of(user)
    return known
