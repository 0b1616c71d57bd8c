"""Health (onboard computer): providers, models that rest after failures, alerts, the queue."""

from dataclasses import dataclass
from typing import cast

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Breaker, Provider, Trip
from orchestrator.routing.types import BreakerState
from orchestrator.services.driving import breakers
from orchestrator.services.setup import fleet
from orchestrator.web import attention
from orchestrator.web.context import PageRequest

MOST_ALERTS = 50


@dataclass(frozen=True, slots=True)
class ProviderLine:
    provider: Provider
    problem: str
    gears: str

    @property
    def is_down(self) -> bool:
        return self.provider.reach == Provider.Reach.DOWN


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    document = {
        "providers": _providers(),
        "breakers": Breaker.objects.exclude(state=BreakerState.CLOSED).order_by("provider"),
        "alerts": attention.alerts(cast(PageRequest, request).user)[:MOST_ALERTS],
        "queue": _queue(),
        "now": timezone.now(),
    }
    return render(request, "health.html", document)


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
        )
        for provider in found
    ]
    return sorted(lines, key=lambda line: (bool(line.problem), line.provider.name))


def _queue() -> dict[str, int]:
    waiting = [Trip.State.QUEUED, Trip.State.DRIVING]
    rows = Trip.objects.filter(state__in=waiting).order_by().values_list("state")
    counts = dict(rows.annotate(number=Count("pk")))
    return {state.value: counts.get(state.value, 0) for state in waiting}
