"""What people keep of reports: saved ones, links for others, weekly digests."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from orchestrator.services.reports import digests, keeping
from orchestrator.services.reports.reading import answer
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused
from orchestrator.web.context import page_of
from orchestrator.web.reports import pages, reading

MOST_QUERY = 2000


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    user, query = page_of(request).user, _query(request)
    try:
        saved = keeping.save(user, request.POST.get("name", ""), reading.question_of(user, query))
        messages.success(request, f"Saved as “{saved.name}”.")
    except ReportRefused as refused:
        messages.error(request, str(refused))
    return _back(query)


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    if not page_of(request).user.saved_reports.filter(pk=pk).delete()[0]:
        raise Http404
    return redirect("reports")


@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """The link is shown on this page alone: only a digest of it is kept."""
    user, query, now = page_of(request).user, _query(request), timezone.now()
    days = request.POST.get("days", "")
    try:
        question = reading.question_of(user, query)
        number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
        made, secret = keeping.share(user, request.POST.get("name", ""), question, number, now)
    except ReportRefused as refused:
        messages.error(request, str(refused))
        return _back(query)
    link = request.build_absolute_uri(reverse("shared-report", args=[secret]))
    document = {"share": made, "link": link, "question": question}
    return render(request, "reports/shared_link.html", document)


@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not keeping.revoke(page_of(request).user, pk, timezone.now()):
        raise Http404
    messages.success(request, "The link shows nothing any more.")
    return redirect("reports")


@login_not_required
@require_safe
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """Read-only and without links to anything else."""
    try:
        found, question = keeping.opened(secret, timezone.now())
    except OutOfSight:
        raise Http404 from None
    document = pages.shown(answer(question)) | {"share": found, "is_shared": True}
    response = render(request, "reports/shared.html", document)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    sent = {name: request.POST.get(name, "") for name in ("scope", "channel", "address")}
    try:
        digests.subscribe(page_of(request).user, **sent, now=timezone.now())
        messages.success(request, "A digest comes every Monday morning.")
    except OutOfSight:
        raise Http404 from None
    except ReportRefused as refused:
        messages.error(request, str(refused))
    return redirect("reports")


@require_POST
def unsubscribe(request: HttpRequest, pk: int) -> HttpResponse:
    if not digests.of(page_of(request).user).filter(pk=pk).delete()[0]:
        raise Http404
    return redirect("reports")


def _query(request: HttpRequest) -> QueryDict:
    return QueryDict(request.POST.get("query", "")[:MOST_QUERY])


def _back(query: QueryDict) -> HttpResponse:
    return redirect(f"{reverse('reports')}?{query.urlencode()}")
