"""Reports: the page, its figures for programs, its files."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from orchestrator.models import User
from orchestrator.services.database import in_thread
from orchestrator.services.people import tokens
from orchestrator.services.people.tokens import Scope as TokenScope
from orchestrator.services.reports import (
    columns,
    digests,
    documents,
    exporting,
    keeping,
    names,
    scopes,
)
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.reading import Report, answer
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused
from orchestrator.web.context import page_of
from orchestrator.web.reports import reading

T = TypeVar("T")
ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    try:
        question = reading.question_of(user, request.GET)
    except ReportRefused as refused:
        return _refused(request, user, str(refused))
    document = reading.controls(request, user, question.scope) | shown(answer(question))
    now = timezone.now()
    document["chosen"] = dict(question.pairs())
    document |= {
        "saved": user.saved_reports.all(),
        "shares": keeping.shares_of(user, now),
        "digests": digests.of(user),
        "may_drill": question.scope.shows_people,
    }
    return render(request, "reports/page.html", document)


def shown(found: Report) -> dict[str, Any]:
    """What a report looks like, on its page and behind a link."""
    question = found.question
    return {
        "report": found,
        "question": question,
        "cards": reading.cards(found),
        "chart": reading.chart(found),
        "rows": reading.rows(found),
        "group_title": names.TITLES[question.group],
        "total_cells": reading.cells(found.totals, question),
        "step_columns": columns.of_steps(),
        "step_rows": [columns.texts(columns.of_steps(), row) for row in columns.step_rows(found)],
    }


def _refused(request: HttpRequest, user: User, message: str) -> HttpResponse:
    try:
        scope = scopes.find(user, request.GET.get("scope", ""))
    except OutOfSight:
        raise Http404 from None
    document = reading.controls(request, user, scope) | {"problem": message}
    return render(request, "reports/page.html", document, status=422)


@login_not_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """For programs: with a session, or a token with the scope `trips`."""
    user = _reader(request)
    if user is None:
        refusal = JsonResponse(
            {"error": "Sign in, or send a token with the scope `trips`."}, status=401
        )
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="reports"'
        return refusal
    try:
        return JsonResponse(documents.document(answer(reading.question_of(user, request.GET))))
    except ReportRefused as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    except Http404:
        return JsonResponse({"error": "There is no such scope."}, status=404)


def _reader(request: HttpRequest) -> User | None:
    if value := request.headers.get("Authorization", ""):
        token = tokens.find(value, timezone.now())
        return token.user if token is not None and TokenScope.TRIPS in token.scopes else None
    user = cast(User, request.user)
    return user if user.is_authenticated else None


@require_safe
def export(request: HttpRequest, what: str, ending: str) -> HttpResponseBase:
    if ending not in ENDINGS or what not in exporting.TABLES:
        raise Http404
    try:
        question = reading.question_of(page_of(request).user, request.GET)
        pieces = _pieces_of(question, what, ending)
    except ReportRefused as refused:
        return HttpResponse(f"{refused}\n", status=422, content_type="text/plain; charset=utf-8")
    name = f"clutch-{what}-{question.span.first}-{question.span.last}.{ending}"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return StreamingHttpResponse(_in_threads(pieces), content_type=ENDINGS[ending], headers=headers)


def _pieces_of(question: Question, what: str, ending: str) -> Iterator[str] | Iterator[bytes]:
    found = exporting.table(question, what)
    if ending == "csv":
        return exporting.as_csv(found)
    return exporting.pieces(exporting.as_spreadsheet(found, what))


async def _in_threads(pieces: Iterator[T]) -> AsyncIterator[T]:
    while (piece := await in_thread(next, pieces, None)) is not None:
        yield piece
