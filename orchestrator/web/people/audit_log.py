"""The audit log: filtered, page by page at any depth, and as a CSV file."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orchestrator.services.people import audit_search, teams
from orchestrator.services.people.audit_search import PAGE_ROWS
from orchestrator.web.context import page_of
from orchestrator.web.people.forms import AuditFilter


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    if not audit_search.may_read(user):
        raise Http404
    form = AuditFilter(request.GET)
    rows = list(audit_search.entries(user, form.wanted())[: PAGE_ROWS + 1])
    query = request.GET.copy()
    query.pop("before", None)
    document = {
        "form": form,
        "rows": rows[:PAGE_ROWS],
        "older": rows[PAGE_ROWS - 1].pk if len(rows) > PAGE_ROWS else None,
        "query": query.urlencode(),
        "teams": audit_search.administered(user),
        "is_administrator": teams.is_administrator(user),
    }
    return render(request, "people/audit.html", document)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    user = page_of(request).user
    if not audit_search.may_read(user):
        raise Http404
    found = audit_search.entries(user, AuditFilter(request.GET).wanted())
    lines = audit_search.csv_lines(found.iterator(chunk_size=500))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer
