"""Changing the plan of a new run on its page: rows added, moved and removed, or text and back."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from orchestrator.routing.types import Pattern
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs import templates
from orchestrator.web.context import page_of
from orchestrator.web.runs import editing, plan_fields
from orchestrator.web.runs.forms import Draft, OrderForm
from orchestrator.web.runs.ordering import page_for


@require_POST
def edit(request: HttpRequest) -> HttpResponse:
    """The plan after one deed; the whole page for a browser without scripts."""
    page, form = page_of(request), OrderForm(_done(request.POST))
    problem = ""
    draft = editing.draft_of(form)
    try:
        draft = _shown(form, draft, request.POST.get("deed", ""))
    except RequestRefused as refused:
        problem = str(refused)
    status = 422 if problem else 200
    if page.htmx:
        context = editing.shown(page, draft) | {"plan_problem": problem}
        return render(request, "runs/plan_box.html", context, status=status)
    document = page_for(page, draft, form) | {"problem": problem}
    return render(request, "runs/new.html", document, status=status)


def _done(sent: QueryDict) -> QueryDict:
    return plan_fields.done(sent, sent.get("deed", "")) if sent.get("shown") == "rows" else sent


def _shown(form: OrderForm, draft: Draft, deed: str) -> Draft:
    """Rows as text, or a text as rows if it can be read; a new pattern begins with its own."""
    if deed == "text":
        return replace(draft, text=draft.plan)
    if draft.text is None:
        return draft
    if deed == "pattern":
        begun = plan_fields.usual(draft.pattern)
        return replace(draft, document=begun, text=Draft(None, draft.pattern, "", begun).plan)
    if deed == "rows":
        if not form.is_valid():
            raise RequestRefused(form.problem())
        document = form.document()
        templates.read_plan(Pattern(draft.pattern), document)
        return replace(draft, document=document, text=None)
    return draft
