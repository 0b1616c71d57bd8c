"""The trips behind a figure, and one of them: its receipt and calls, without what was said."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from orchestrator.models import Trip, User
from orchestrator.services.driving import trips as driven
from orchestrator.services.reports import drilling, names, scopes
from orchestrator.services.reports.reading import answer
from orchestrator.services.reports.refusals import ReportRefused
from orchestrator.web.context import page_of
from orchestrator.web.reports import reading

PAGE = 50


@require_safe
def trips(request: HttpRequest) -> HttpResponse:
    """Newest first, paged by key; each with what it adds to the figure."""
    user = page_of(request).user
    try:
        question = reading.question_of(user, request.GET)
    except ReportRefused as refused:
        return render(request, "reports/trips.html", {"problem": str(refused)}, status=422)
    if not question.scope.shows_people:
        raise Http404
    found = drilling.trips(question).select_related("user")
    if last := _last(request, question.scope):
        found = drilling.after(found, last.created_at, last.pk)
    page = list(found[: PAGE + 1])
    older = question.with_values(before=str(page[PAGE - 1].pk)) if len(page) > PAGE else ""
    document = {
        "question": question,
        "totals": answer(question).totals,
        "trips": page[:PAGE],
        "older": older,
        "titles": names.TITLES,
        "is_first_page": last is None,
    }
    return render(request, "reports/trips.html", document)


def _last(request: HttpRequest, scope: scopes.Scope) -> Trip | None:
    """The trip that the page before ended with; anything else begins at the newest."""
    try:
        pk = UUID(request.GET.get("before", ""))
    except ValueError:
        return None
    return _within(scope).filter(pk=pk).only("created_at").first()


def _within(scope: scopes.Scope) -> "QuerySet[Trip]":
    if scope.team_id is not None:
        return Trip.objects.filter(team_id=scope.team_id)
    return (
        Trip.objects.all() if scope.user_id is None else Trip.objects.filter(user_id=scope.user_id)
    )


@require_safe
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """For whoever runs a team: why and what it cost. One's own trip has its whole page."""
    user = page_of(request).user
    found = _trip_or_404(user, pk)
    if found.user_id == user.pk:
        return redirect("trip", found.pk)
    document = {
        "trip": found,
        "receipt": _without_words(found.payload.receipt or {}),
        "legs": found.legs.all(),
        "saved_nano": driven.saved_nano(found),
    }
    return render(request, "reports/receipt.html", document)


def _trip_or_404(user: User, pk: UUID) -> Trip:
    found = Trip.objects.select_related("payload", "user").filter(pk=pk).first()
    if found is None or not any(_sees(scope, found) for scope in scopes.of(user)):
        raise Http404
    return found


def _sees(scope: scopes.Scope, trip: Trip) -> bool:
    if not scope.shows_people:
        return False
    if scope.team_id is not None:
        return scope.team_id == trip.team_id
    return scope.user_id in (None, trip.user_id)


def _without_words(receipt: dict[str, Any]) -> dict[str, Any]:
    """Signals are words of the person's own text."""
    road = receipt.get("road") or {}
    return receipt | {"road": {**road, "signals": []}} if road else receipt
