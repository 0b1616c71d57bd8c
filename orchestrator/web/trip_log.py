"""The log of trips, and one trip: its answer, its receipt and what each call cost."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from orchestrator.markdown.rendering import render as render_markdown
from orchestrator.models import Trip
from orchestrator.services.database import in_thread
from orchestrator.services.driving import outlets, stops, trips
from orchestrator.web.access import get_trip_or_404, own_trips
from orchestrator.web.chat import thread
from orchestrator.web.context import page_of
from orchestrator.web.forms import TripFilter

PAGE = 50


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Newest first, paged by key: a page is as quick at the end of the log as at its beginning."""
    user = page_of(request).user
    form = TripFilter(request.GET)
    found = list(own_trips(user).filter(**form.wanted()).order_by("-pk")[: PAGE + 1])
    document = {
        "form": form,
        "trips": found[:PAGE],
        "older": _older(request, found[PAGE - 1]) if len(found) > PAGE else "",
        "is_first_page": "before" not in request.GET,
    }
    return render(request, "trips.html", document)


def _older(request: HttpRequest, last: Trip) -> str:
    kept = [(name, str(request.GET[name])) for name in ("state", "gear") if request.GET.get(name)]
    return f"{reverse('trips')}?{urlencode([*kept, ('before', str(last.pk))])}"


@require_safe
def trip(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_trip_or_404(page_of(request), pk)
    document = {
        "trip": found,
        "payload": found.payload,
        "receipt": found.payload.receipt or {},
        "legs": found.legs.all(),
        "steps": found.steps.all(),
        "saved_nano": trips.saved_nano(found),
        "html": render_markdown(found.payload.answer) if found.is_final else "",
        "live": None if found.is_final else thread.live(found),
    }
    return render(request, "trip.html", document)


@require_safe
async def events(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The trip's events as server-sent ones, resumed after the last number the reader has."""
    found = await in_thread(get_trip_or_404, page_of(request), pk)
    told = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    after = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
    return StreamingHttpResponse(
        outlets.resume_sse(found.pk, after),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_trip_or_404(page_of(request), pk)
    stops.request(found.pk)
    return redirect("trip", found.pk)
