"""What every page needs: who asks, and where one can go."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from orchestrator.models import User


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
    Destination("runs", "Runs", "branch"),
    Destination("trips", "Trips", "list"),
    Destination("reports", "Reports", "bars"),
    Destination("prompts", "Prompts", "file"),
    Destination("rules", "Rules", "signpost"),
    Destination("gears", "Gears", "shift", is_for_editors=True, also=FLEET),
    Destination("health", "Health", "pulse"),
    Destination("settings", "Settings", "sliders"),
)


def may_edit(user: User | AnonymousUser) -> bool:
    """Whoever runs the installation, for whom there are more places."""
    return bool(user.is_staff or getattr(user, "is_owner", False))


def places(user: User | AnonymousUser) -> list[Destination]:
    return [place for place in DESTINATIONS if not place.is_for_editors or may_edit(user)]


def shell(request: HttpRequest) -> dict[str, object]:
    match = request.resolver_match
    known = places(request.user) if hasattr(request, "user") else DESTINATIONS
    name = (match.url_name or "") if match else ""
    here = next((place.name for place in known if name in place.also), name)
    return {"destinations": known, "here": here}
