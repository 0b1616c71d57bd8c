"""The runs of a person, and one run: its lanes, its items, its calls and its results."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orchestrator.markdown.rendering import render as render_markdown
from orchestrator.models import Leg, Step, Trip
from orchestrator.routing.types import Pattern
from orchestrator.services.runs import boards, caps, controls, results
from orchestrator.web.access import get_trip_or_404, own_trips
from orchestrator.web.chat import thread, wishes
from orchestrator.web.context import PageRequest, page_of

PAGE = 30
ITEMS = 100
ENDINGS = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


def run_or_404(request: PageRequest, pk: UUID) -> Trip:
    trip = get_trip_or_404(request, pk)
    if trip.pattern == Pattern.SINGLE.value:
        raise Http404
    return trip


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Newest first, what is under way on top."""
    mine = own_trips(page_of(request).user).exclude(pattern=Pattern.SINGLE.value)
    before = _uuid(request.GET.get("before", ""))
    ended = mine.filter(state__in=Trip.FINAL)
    page = list((ended.filter(pk__lt=before) if before else ended).order_by("-pk")[: PAGE + 1])
    document = {
        "open": [] if before else list(mine.exclude(state__in=Trip.FINAL).order_by("-pk")),
        "ended": page[:PAGE],
        "older": f"?before={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "is_first_page": before is None,
    }
    return render(request, "runs/list.html", document)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@require_safe
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    trip = run_or_404(page_of(request), pk)
    document = {
        **_standing(trip),
        "payload": trip.payload,
        "html": render_markdown(trip.payload.answer) if trip.is_final else "",
        "live": None if trip.is_final else thread.live(trip),
        "has_items": results.has_items(trip),
        "may_retry": trip.is_final
        and (trip.state != Trip.State.DONE or controls.has_failed_items(trip)),
        "levels": wishes.offered(page_of(request)),
        "suggested_cap": caps.to_go_on(trip) if trip.state == Trip.State.PAUSED else None,
    }
    return render(request, "runs/page.html", document)


@require_safe
def board(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lanes alone, for a page that learns of a place it does not know."""
    return render(request, "runs/board.html", _standing(run_or_404(page_of(request), pk)))


@require_safe
def numbers(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "runs/numbers.html", _standing(run_or_404(page_of(request), pk)))


def _standing(trip: Trip) -> dict[str, object]:
    return {"trip": trip, "board": boards.of(trip)}


@require_safe
def place(request: HttpRequest, pk: UUID, path: str) -> HttpResponse:
    """What one place was told, was given and wrote, and each of its calls."""
    trip = run_or_404(page_of(request), pk)
    legs = Leg.objects.filter(trip=trip)
    own = list(legs.filter(path=path) | legs.filter(path__startswith=f"{path}."))
    step = Step.objects.filter(trip=trip, path=path).first()
    if step is None and not own:
        known = {row.path for row in boards.of(trip).rows}
        if path not in known:
            raise Http404
    document = {
        "trip": trip,
        "path": path,
        "step": step,
        "part": boards.part_at(trip, path),
        "legs": own,
        "task": boards.task_of(trip),
        "base": "runs/bare.html" if page_of(request).htmx else "base.html",
    }
    return render(request, "runs/place.html", document)


@require_safe
def items(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All items, or those in one state, a page at a time in order."""
    trip = run_or_404(page_of(request), pk)
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    found = Step.objects.filter(trip=trip).exclude(parent="").order_by("id")
    if state in Step.State.values:
        found = found.filter(state=state)
    if after.isascii() and after.isdigit() and len(after) < 15:
        found = found.filter(pk__gt=int(after))
    page = list(found[: ITEMS + 1])
    kept = f"state={state}&" if state in Step.State.values else ""
    last = page[ITEMS - 1].pk if len(page) > ITEMS else None
    document = {
        "trip": trip,
        "items": page[:ITEMS],
        "state": state,
        "states": Step.State.choices,
        "next": f"?{kept}after={last}" if last else "",
    }
    return render(request, "runs/items.html", document)


@require_safe
def download(request: HttpRequest, pk: UUID, ending: str) -> HttpResponseBase:
    """The results so far, also while the run goes on."""
    trip = run_or_404(page_of(request), pk)
    if ending not in ENDINGS:
        raise Http404
    rows = results.as_csv(trip.pk) if ending == "csv" else results.as_jsonl(trip.pk)
    name = f"run-{trip.pk}.{ending}"
    return StreamingHttpResponse(
        rows,
        content_type=f"{ENDINGS[ending]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
