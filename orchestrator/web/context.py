"""What every page needs: who asks, and where one can go."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import AnonymousUser
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
    # Only for whoever runs the installation.
    is_for_editors: bool = False
    # Further pages of the same place.
    also: tuple[str, ...] = ()


FLEET = ("roads", "draft", "fleet-history", "fleet-version", "discover-gears", "edit-gear")
DESTINATIONS = (
    Destination("home", "Chat", "chat"),
    Destination("dashboard", "Dashboard", "gauge"),
    Destination("runs", "Runs", "branch", also=("run", "new-run", "run-items", "run-place")),
    Destination("trips", "Trips", "list"),
    Destination("reports", "Reports", "bars"),
    Destination("prompts", "Prompts", "file"),
    Destination("profiles", "Profiles", "dial"),
    Destination("budgets", "Budgets", "purse"),
    Destination("rules", "Rules", "signpost"),
    Destination("gears", "Gears", "shift", is_for_editors=True, also=FLEET),
    Destination("health", "Health", "pulse"),
    Destination("settings", "Settings", "sliders"),
)


# Shown once somebody works in a team, so that who works alone sees nothing of it.
TEAMS = Destination("teams", "Teams", "people")


def may_edit(user: User | AnonymousUser) -> bool:
    """Whoever runs the installation, for whom there are more places."""
    return bool(user.is_staff or getattr(user, "is_owner", False))


def places(user: User | AnonymousUser) -> list[Destination]:
    known = [place for place in DESTINATIONS if not place.is_for_editors or may_edit(user)]
    if isinstance(user, User) and user.current_team_id is not None:
        known.insert(-1, TEAMS)
    return known


def shell(request: HttpRequest) -> dict[str, object]:
    """What stands around every page. Error pages have no person at hand."""
    match, user = request.resolver_match, getattr(request, "user", None)
    known = places(user) if user is not None else list(DESTINATIONS)
    name = (match.url_name or "") if match else ""
    here = next((place.name for place in known if name in place.also), name)
    around: dict[str, object] = {"destinations": known, "here": here}
    if isinstance(user, User) and user.current_team_id is not None:
        around["standing"] = standing.of(user)
    return around
