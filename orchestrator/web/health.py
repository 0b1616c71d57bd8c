"""Health (onboard computer): providers, models that rest after failures, alerts, the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Breaker, Provider, User
from orchestrator.routing.types import BreakerState
from orchestrator.services.driving import breakers
from orchestrator.services.setup import fleet
from orchestrator.services.upkeep import book_checks, wellness
from orchestrator.web import attention
from orchestrator.web.access import own_trips
from orchestrator.web.context import PageRequest

MOST_ALERTS = 50


@dataclass(frozen=True, slots=True)
class ProviderLine:
    provider: Provider
    problem: str
    gears: str
    to_do: str

    @property
    def is_down(self) -> bool:
        return self.provider.reach == Provider.Reach.DOWN

    @property
    def is_set_up(self) -> bool:
        """A local server for which there is no model yet is nobody's trouble."""
        return not self.problem or (self.is_down and bool(self.gears))


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    user, now = cast(PageRequest, request).user, timezone.now()
    resting = Breaker.objects.exclude(state=BreakerState.CLOSED).order_by("provider")
    lines = _providers()
    document = {
        "providers": [line for line in lines if line.is_set_up],
        "idle_providers": [line for line in lines if not line.is_set_up],
        "breakers": [(row, wellness.to_do_for_error(row.last_error_code)) for row in resting],
        "alerts": [
            (alert, wellness.ALERTS_TO_DO.get(alert.kind, ""))
            for alert in attention.alerts(user)[:MOST_ALERTS]
        ],
        "gears": wellness.gears(now),
        "queue": wellness.queue(now),
        "waiting": wellness.waiting(own_trips(user)),
        "facts": list(wellness.facts()),
        **_books(user, now),
    }
    return render(request, "health.html", document)


def _books(user: User, now: datetime) -> dict[str, object]:
    return {
        "checked": wellness.last_check(),
        "check": book_checks.progress(now),
        "may_check": user.is_owner or user.is_staff,
    }


@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """How far a check is, for the page that watches it."""
    return _told(request)


def _told(request: HttpRequest) -> HttpResponse:
    user = cast(PageRequest, request).user
    return render(request, "health_books.html", _books(user, timezone.now()))


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Have a worker make the doctor's checks of money and logs, for whoever runs the place."""
    user = cast(PageRequest, request).user
    if not (user.is_owner or user.is_staff):
        raise Http404
    book_checks.begin(timezone.now())
    page = cast(PageRequest, request)
    return _told(request) if page.htmx else redirect("health")


@require_POST
def dismiss_alert(request: HttpRequest, pk: int) -> HttpResponse:
    shown = attention.alerts(cast(PageRequest, request).user).filter(pk=pk)
    if not shown.update(dismissed_at=timezone.now()):
        raise Http404
    return redirect("health")


@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    """Forget the failures, after somebody has mended what caused them."""
    user = cast(PageRequest, request).user
    if not (user.is_owner or user.is_staff):
        raise Http404
    breakers.reset(request.POST.get("provider", ""), request.POST.get("model_id", ""))
    return redirect("health")


def _providers() -> list[ProviderLine]:
    problems = fleet.availability()
    found = Provider.objects.filter(is_enabled=True).prefetch_related("gears")
    lines = [
        ProviderLine(
            provider,
            problems.get(provider.name, ""),
            ", ".join(f"G{gear.level} {gear.name}" for gear in provider.gears.all()),
            wellness.to_do_for_provider(provider),
        )
        for provider in found
    ]
    return sorted(lines, key=lambda line: (bool(line.problem), line.provider.name))
