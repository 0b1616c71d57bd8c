"""What the Runs pages send, checked before any service sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

import tomlkit
from django import forms
from django.http import QueryDict

from orchestrator.files import items
from orchestrator.files.items import Form, UnusableItems
from orchestrator.patterns import plans
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import requests
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs import templates
from orchestrator.services.runs.orders import Order
from orchestrator.services.runs.templates import Template
from orchestrator.web.runs import plan_fields, plan_rows
from orchestrator.web.runs.plan_rows import Node

MAX_DOLLARS = Decimal(1_000_000)
NANO = 10**9
FORMS = {
    Form.LINES: "One per line",
    Form.PARAGRAPHS: "Paragraphs",
    Form.CSV: "CSV table",
    Form.JSONL: "JSON lines",
}
PLACE = "place-"
PATTERNS = [(each.value, each.value) for each in Pattern if each is not Pattern.SINGLE]


class OrderForm(forms.Form):
    """A task, a plan and items. The plan is shown as rows or as a text; either may be changed."""

    task = forms.CharField(required=False, strip=False)
    pattern = forms.ChoiceField(choices=PATTERNS)
    plan = forms.CharField(required=False, strip=False)
    shown = forms.ChoiceField(choices=[("text", "text"), ("rows", "rows")], required=False)
    items = forms.CharField(required=False, strip=False)
    items_form = forms.ChoiceField(
        choices=[(form.value, label) for form, label in FORMS.items()], required=False
    )
    column = forms.CharField(max_length=200, required=False)
    file = forms.FileField(required=False, max_length=255, allow_empty_file=True)
    cap = forms.DecimalField(
        required=False, min_value=0, max_value=MAX_DOLLARS, decimal_places=9, max_digits=16
    )
    key = forms.UUIDField(required=False)

    def problem(self) -> str:
        field, errors = next(iter(self.errors.items()))
        return f"{field.capitalize()}: {errors[0]}"

    def order(self) -> Order:
        """Raises `RequestRefused` with what to change."""
        clean = self.cleaned_data
        filled = self.template.fill(self.values())
        request = requests.from_text(filled.task or clean["task"], run=dict(filled.document))
        return Order(Pattern(clean["pattern"]), request, self._items(), nano(clean["cap"]))

    @cached_property
    def template(self) -> Template:
        """The plan and the task as they stand on the page, with their places to fill."""
        clean = self.cleaned_data
        pattern = Pattern(clean["pattern"])
        document = self.document()
        templates.read_plan(pattern, document)
        return Template("plan", "Plan", pattern, document, clean["task"])

    @property
    def sent(self) -> QueryDict:
        return cast(QueryDict, self.data)

    def document(self) -> dict[str, Any]:
        """The plan as it was sent, well or not."""
        pattern = self.cleaned_data["pattern"]
        if self.cleaned_data["shown"] == "rows":
            return plan_fields.document(self.sent, pattern)
        return parsed(self.cleaned_data["plan"], Pattern(pattern))

    def values(self) -> dict[str, str]:
        """What was filled in for the places of the plan."""
        known = (field.name for field in self.template.fields)
        return {name: str(self.data[PLACE + name]) for name in known if PLACE + name in self.data}

    def _items(self) -> tuple[str, ...]:
        clean = self.cleaned_data
        try:
            if (file := clean["file"]) is not None:
                return items.read(file.read(), items.form_of(file.name), clean["column"])
            if not clean["items"].strip():
                return ()
            form = Form(clean["items_form"] or Form.LINES)
            return items.read(clean["items"], form, clean["column"])
        except UnusableItems as error:
            raise RequestRefused(str(error)) from error


class CapForm(forms.Form):
    cap = forms.DecimalField(
        required=False, min_value=0, max_value=MAX_DOLLARS, decimal_places=9, max_digits=16
    )
    gear = forms.CharField(max_length=63, required=False)


def nano(dollars: Decimal | None) -> int | None:
    return None if dollars is None else int(dollars * NANO)


def parsed(text: str, pattern: Pattern) -> dict[str, Any]:
    """The plan's text, TOML or JSON; nothing stands for the pattern's own plan."""
    if text.strip():
        return dict(templates.document_of(text, "The plan"))
    usual = plans.default_for(pattern.value)
    return plans.to_document(usual) if usual else {}


def written(document: Any) -> str:
    return tomlkit.dumps(document) if document else ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the page for a new run shows. The text is what the person wrote, or the document's."""

    template: Template | None
    pattern: str
    task: str
    document: Mapping[str, Any]
    text: str | None = None

    @property
    def node(self) -> Node:
        return plan_rows.node(self.pattern, self.document)

    @property
    def plan(self) -> str:
        return written(self.document) if self.text is None else self.text
