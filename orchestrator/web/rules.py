"""The rules that bind a person's tasks: listed, tested on a pasted task, undone."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Rule
from orchestrator.services.driving import planning
from orchestrator.services.driving.requests import RequestRefused, from_text
from orchestrator.services.school import corrections
from orchestrator.web.access import caller_of
from orchestrator.web.context import page_of


@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    found = [
        {"rule": rule, "may_undo": corrections.may_undo(rule, user)}
        for rule in corrections.rules_of(user).select_related("made_by")
    ]
    return render(request, "rules.html", {"rules": found})


@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """What would be chosen for a pasted task now, and which rule had a say."""
    document: dict[str, Any] = {}
    try:
        asked = from_text(request.POST.get("text", ""))
        document["receipt"] = planning.preview(caller_of(page_of(request)), asked)
    except RequestRefused as refused:
        document["problem"] = str(refused)
    return render(request, "rule_trial.html", document)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    page = page_of(request)
    rule = Rule.objects.filter(pk=pk).first()
    if rule is None or not corrections.may_undo(rule, page.user):
        raise Http404
    corrections.undo(rule)
    if page.htmx:
        return render(request, "chat/said.html", {"said": "The rule was removed."})
    return redirect("rules")
