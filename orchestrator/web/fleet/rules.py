"""Everyone's rules in the draft, typed in the words of the table of rules."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from orchestrator.services.drafts import changes, entries, gears, roads
from orchestrator.services.drafts.changes import DraftRefused, EditedMeanwhile
from orchestrator.services.setup import rule_tables
from orchestrator.web.context import page_of
from orchestrator.web.fleet import parts
from orchestrator.web.fleet.access import editors_only
from orchestrator.web.fleet.road_list import document, written


class RuleForm(forms.Form):
    """`then` is what it does, `when` its conditions, both as in a table of rules."""

    name = forms.CharField(label="Name", max_length=63)
    when = forms.CharField(label="When", max_length=2_000)
    then = forms.CharField(label="Then", max_length=2_000)
    reason = forms.CharField(label="Reason", max_length=300, required=False)
    ends_at = forms.CharField(label="Ends at (none: never)", max_length=40, required=False)
    is_enabled = forms.BooleanField(label="Switched on", required=False)

    def entry(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Raises `ValueError` for words that are no condition or action."""
        cleaned = self.cleaned_data
        return {
            **rule,
            "name": cleaned["name"],
            "when": rule_tables.conditions(cleaned["when"]),
            "then": rule_tables.actions(cleaned["then"]),
            "reason": cleaned["reason"],
            "ends_at": rule_tables.end(cleaned["ends_at"]),
            "is_enabled": cleaned["is_enabled"],
        }


NEW: dict[str, Any] = {
    "name": "",
    "when": {},
    "then": {},
    "reason": "",
    "ends_at": None,
    "order": 100,
    "is_enabled": True,
}


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def edit(request: HttpRequest, name: str) -> HttpResponse:
    rule = entries.drafted_one("rules", name)
    if rule is None:
        raise Http404
    return _edit(request, rule)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, NEW)


def _edit(request: HttpRequest, rule: dict[str, Any]) -> HttpResponse:
    if request.method != "POST":
        given = {**rule, "when": written(rule["when"]), "then": written(rule["then"])}
        seen = entries.digest(rule if rule["name"] else None)
        return _form(request, rule, RuleForm(initial=given), {"seen": seen})
    form, seen = RuleForm(request.POST), request.POST.get("seen", "")
    if not form.is_valid():
        return _form(request, rule, form, {"seen": seen}, 422)
    wanted: dict[str, Any] = {}
    try:
        wanted = form.entry(rule)
        if rule["name"] and wanted["name"] != rule["name"]:
            raise DraftRefused("A rule keeps its name. Make a new one and delete this.")
        if not rule["name"] and entries.drafted_one("rules", wanted["name"]) is not None:
            raise DraftRefused(f"There is a rule named {wanted['name']!r} already.")
        changes.put("rules", wanted["name"], wanted, page_of(request).user, seen=seen)
    except ValueError as refused:
        return _form(request, rule, form, {"seen": seen, "problem": str(refused)}, 422)
    except EditedMeanwhile as meanwhile:
        return _form(request, rule, form, parts.met_another(wanted, meanwhile.theirs), 409)
    told = parts.Told(f"The rule {wanted['name']} is in the draft.")
    return parts.answer(request, "roads", document(told))


def _form(
    request: HttpRequest,
    rule: dict[str, Any],
    form: RuleForm,
    more: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    names = {"gears": [g["name"] for g in gears.in_order()], "roads": roads.in_order()}
    return parts.form(request, "rule", {"rule": rule, "form": form} | names | more, status)
