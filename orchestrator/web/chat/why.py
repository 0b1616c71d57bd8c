"""Why this model: the receipt as a drawer, and what a person has to say about it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Trip
from orchestrator.services.school import corrections, learning
from orchestrator.services.setup.rules import InvalidRule
from orchestrator.web.chat import wishes
from orchestrator.web.chat.access import message_or_404
from orchestrator.web.context import page_of

OPINIONS = ("good", "bad", "overkill", "too_slow")


@require_safe
def why(request: HttpRequest, pk: UUID) -> HttpResponse:
    message = message_or_404(request, pk)
    trip = _trip(message.trip)
    document = {
        "message": message,
        "trip": trip,
        "receipt": trip.payload.receipt or {},
        "steps": trip.steps.all(),
        "levels": wishes.offered(page_of(request)),
    }
    return render(request, "chat/why.html", document)


@require_safe
def choices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The drawer for asking again: stronger, cheaper, or a model by name."""
    message = message_or_404(request, pk)
    leg = message.trip.legs.last() if message.trip else None
    level = leg.level if leg else 3
    profile = message.conversation.overrides.get("profile", "")
    levels = wishes.offered(page_of(request), profile)
    document = {
        "message": message,
        "levels": levels,
        "stronger": wishes.first_at(levels, range(level + 1, 6)),
        "cheaper": wishes.first_at(levels, range(level - 1, 0, -1)),
    }
    return render(request, "chat/again.html", document)


@require_POST
def rate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same opinion twice takes it back."""
    message = message_or_404(request, pk)
    trip, kind = _trip(message.trip), request.POST.get("kind", "")
    if kind not in OPINIONS:
        raise Http404
    rating = learning.toggle(trip.pk, request.user.pk or 0, kind)
    return render(request, "chat/rating.html", {"message": message, "rating": rating})


@require_POST
def wrong(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The choice was wrong: another gear would have been right, or the kind of task is another."""
    message = message_or_404(request, pk)
    trip, gear = _trip(message.trip), request.POST.get("gear", "")
    said = corrections.choice_was_wrong(trip, request.user.pk or 0, gear)
    return render(request, "chat/said.html", {"said": said})


@require_POST
def always(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A dated rule: tasks like this one go to that gear from now on."""
    message = message_or_404(request, pk)
    trip = _trip(message.trip)
    try:
        gear = request.POST.get("gear") or trip.gear
        rule = corrections.always(trip, page_of(request).user, gear)
    except InvalidRule as refused:
        return render(request, "chat/said.html", {"problem": str(refused)}, status=422)
    return render(request, "chat/said.html", {"rule": rule})


def _trip(trip: Trip | None) -> Trip:
    if trip is None:
        raise Http404
    return trip
