"""What every page needs: who asks, and where one can go."""

from dataclasses import dataclass
from typing import cast

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


DESTINATIONS = (
    Destination("home", "Chat", "chat"),
    Destination("dashboard", "Dashboard", "gauge"),
    Destination("runs", "Runs", "branch"),
    Destination("trips", "Trips", "list"),
    Destination("prompts", "Prompts", "file"),
    Destination("profiles", "Profiles", "dial"),
    Destination("budgets", "Budgets", "purse"),
    Destination("rules", "Rules", "signpost"),
    Destination("health", "Health", "pulse"),
    Destination("settings", "Settings", "sliders"),
)


def shell(request: HttpRequest) -> dict[str, object]:
    match = request.resolver_match
    return {"destinations": DESTINATIONS, "here": match.url_name if match else ""}
