"""Pause, go on, end and try again, from the page of a run."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from orchestrator.models import Trip
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs import controls
from orchestrator.web.context import page_of
from orchestrator.web.runs.forms import CapForm, nano
from orchestrator.web.runs.pages import run_or_404

PAGE = Trip.Source.PAGE


def _done(request: HttpRequest, pk: UUID, deed: Callable[[Trip], object]) -> HttpResponse:
    trip = run_or_404(page_of(request), pk)
    try:
        deed(trip)
    except (RequestRefused, controls.NotNow) as refused:
        document = {"trip": trip, "problem": str(refused)}
        return render(request, "runs/refused.html", document, status=409)
    return redirect("run", trip.pk)


@require_POST
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _done(request, pk, controls.pause)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _done(request, pk, controls.cancel)


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _done(request, pk, lambda trip: controls.resume(trip, _cap(request)[0], source=PAGE))


@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    def deed(trip: Trip) -> None:
        cap_nano, gear = _cap(request)
        controls.retry(trip, gear, cap_nano, source=PAGE)

    return _done(request, pk, deed)


def _cap(request: HttpRequest) -> tuple[int | None, str]:
    form = CapForm(request.POST)
    if not form.is_valid():
        raise RequestRefused("The cap is an amount in dollars, like 0.50.")
    return nano(form.cleaned_data["cap"]), form.cleaned_data["gear"]
