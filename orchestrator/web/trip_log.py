"""The log of trips, and one trip: its answer, its receipt and what each call cost."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from orchestrator.markdown.rendering import render as render_markdown
from orchestrator.models import PromptVersion, Trip, User
from orchestrator.services.database import in_thread
from orchestrator.services.driving import outlets, replays, stops, trips
from orchestrator.services.prompts import access
from orchestrator.services.reports import labels, listing, scopes
from orchestrator.services.reports.refusals import OutOfSight
from orchestrator.services.reports.scopes import Scope
from orchestrator.web.access import caller_of, get_trip_or_404, own_trips
from orchestrator.web.chat import thread
from orchestrator.web.chat.access import chat_or_404
from orchestrator.web.context import page_of
from orchestrator.web.forms import TripFilter

PAGE = 50


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Newest first, paged by key: a page is as quick at the end of the log as at its beginning."""
    user = page_of(request).user
    form = TripFilter(request.GET)
    wanted = form.wanted()
    known = [each for each in scopes.of(user) if each.shows_people]
    scope = _scope_or_404(known, wanted.get("scope", ""))
    found = listing.page(scope, form.filters(), wanted.get("before"), PAGE)
    kept = [(name, str(value)) for name, value in wanted.items() if name != "before"]
    document = {
        "form": form,
        "scope": scope,
        "scopes": known,
        "trips": found.trips,
        "older": _older(kept, found.older) if found.older else "",
        "newest": urlencode([pair for pair in kept if pair[0] == "scope"]),
        "is_narrowed": bool(wanted.keys() - {"scope"}),
    }
    return render(request, "trips.html", document)


def _scope_or_404(known: list[Scope], key: str) -> Scope:
    """One's own trips unless others are asked for."""
    try:
        return scopes.chosen(known, key or scopes.MINE)
    except OutOfSight:
        raise Http404 from None


def _older(kept: list[tuple[str, str]], last: UUID) -> str:
    return f"{reverse('trips')}?{urlencode([*kept, ('before', str(last))])}"


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
        "made_with": _made_with(found, page_of(request).user),
    }
    return render(request, "trip.html", document)


def _made_with(found: Trip, user: User) -> PromptVersion | None:
    """The prompt's version, for who may look at it."""
    version = labels.prompt_of(found)
    return access.visible_version(user.pk, version.pk) if version is not None else None


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


@require_safe
def replay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What would be decided today."""
    page = page_of(request)
    found = [replays.decide(caller_of(page), get_trip_or_404(page, pk))]
    return render(request, "replay.html", {"replays": found, "line": replays.line(found)})


@require_safe
def replay_chat(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every decision of a chat, the newest ones of a long one."""
    page = page_of(request)
    chat = chat_or_404(request, pk)
    trips = own_trips(page.user).filter(conversation=chat).select_related("payload")
    found = list(replays.decide_all(caller_of(page), trips.order_by("-pk")[: replays.MOST]))
    document = {"replays": found[::-1], "line": replays.line(found), "chat": chat}
    return render(request, "replay.html", document)


@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_trip_or_404(page_of(request), pk)
    stops.request(found.pk)
    return redirect("trip", found.pk)
