"""The first page: gauges, the ask box with its route chip, latest trips, what needs attention."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Currency
from orchestrator.services.driving import planning, requests, trips
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.setup import fleet
from orchestrator.web import attention, instruments
from orchestrator.web.access import caller_of, own_trips
from orchestrator.web.context import PageRequest
from orchestrator.web.forms import AskForm

LATEST = 8


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard.html", _document(cast(PageRequest, request), AskForm()))


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    page = cast(PageRequest, request)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            wanted = requests.from_text(form.cleaned_data["text"])
            trip = trips.start(caller_of(page), wanted, idempotency_key=form.once_key())
            return redirect("trip", trip.pk)
        except RequestRefused as refused:
            form.add_error("text", str(refused))
    return render(request, "dashboard.html", _document(page, form), status=422)


@require_POST
def route(request: HttpRequest) -> HttpResponse:
    """The chip under the ask box: what would be chosen now, and what it would cost."""
    text = request.POST.get("text", "")
    document: dict[str, Any] = {}
    if text.strip():
        try:
            wanted = requests.from_text(text)
            document["receipt"] = planning.preview(caller_of(cast(PageRequest, request)), wanted)
        except RequestRefused as refused:
            document["problem"] = str(refused)
    return render(request, "route_chip.html", document)


def _document(request: PageRequest, form: AskForm) -> dict[str, Any]:
    is_demo_only = not fleet.usable_real_gear_exists()
    currency = Currency.DEMO if is_demo_only else Currency.USD
    return {
        "form": form,
        "cluster": instruments.cluster(request.user, currency),
        "trips": own_trips(request.user)[:LATEST],
        "notices": attention.notices(request.user, is_demo_only=is_demo_only),
    }
