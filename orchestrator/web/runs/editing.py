"""What the page for a new run shows of a plan that was sent, whole or not."""

from typing import Any

from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs.templates import Template
from orchestrator.web.chat import wishes
from orchestrator.web.context import PageRequest
from orchestrator.web.runs import plan_fields
from orchestrator.web.runs.forms import PATTERNS, Draft, OrderForm


def shown(page: PageRequest, draft: Draft) -> dict[str, Any]:
    """What the rows of a plan need to be shown."""
    levels = wishes.offered(page)
    names = {each.name for level in levels for each in level.choices if not each.missing}
    return {"draft": draft, "patterns": PATTERNS, "levels": levels, "gear_names": names}


def template_of(form: OrderForm) -> Template | None:
    try:
        return form.template if form.is_valid() else None
    except RequestRefused:
        return None


def draft_of(form: OrderForm) -> Draft:
    """As it was sent: a text that cannot be read stays a text."""
    sent, template = form.sent, template_of(form)
    asked = sent.get("pattern", "")
    pattern = asked if asked in dict(PATTERNS) else PATTERNS[0][0]
    task, is_text = sent.get("task", ""), sent.get("shown") != "rows"
    if is_text:
        document = template.document if template else {}
        return Draft(template, pattern, task, document, sent.get("plan", ""))
    return Draft(template, pattern, task, plan_fields.document(sent, pattern))
