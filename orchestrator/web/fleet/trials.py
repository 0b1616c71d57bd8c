"""A gear tried for real: one tiny trip, paid and logged like any other."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Gear, Trip
from orchestrator.services.driving import gear_trials, trips
from orchestrator.web.access import caller_of, get_trip_or_404
from orchestrator.web.context import page_of
from orchestrator.web.fleet.access import editors_only


@require_POST
@editors_only
def try_gear(request: HttpRequest, name: str) -> HttpResponse:
    if not Gear.objects.filter(name=name, is_enabled=True, retired_at=None).exists():
        text = f"{name} can be tried once it is published and switched on."
        return render(request, "fleet/trial.html", {"problem": text})
    trip = trips.start(caller_of(page_of(request)), gear_trials.request_for(name))
    if not page_of(request).htmx:
        return redirect("trip", trip.pk)
    return _shown(request, trip)


@require_safe
@editors_only
def trial(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _shown(request, get_trip_or_404(page_of(request), pk))


def _shown(request: HttpRequest, trip: Trip) -> HttpResponse:
    leg = trip.legs.order_by("-id").first()
    document = {"trip": trip, "leg": leg, "is_good": trip.state == Trip.State.DONE}
    return render(request, "fleet/trial.html", document)
