"""Starting a run from the page: choose a plan, see what it will cost, start it with that cap."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.routing.types import Pattern
from orchestrator.services.driving import trips
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs import drafting, orders, templates
from orchestrator.services.runs.orders import Order
from orchestrator.services.runs.templates import Template
from orchestrator.web.access import caller_of, get_trip_or_404
from orchestrator.web.context import PageRequest, page_of
from orchestrator.web.prompts.using import places
from orchestrator.web.runs import editing, plan_fields
from orchestrator.web.runs.forms import FORMS, PATTERNS, Draft, OrderForm

# What stands on the page beside task and plan, and is kept when it is shown again.
BESIDE_PLAN = ("items", "items_form", "column", "cap")


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    page, name = page_of(request), request.GET.get("plan", "")
    template = templates.find(page.user.pk, name) if name else None
    if name and template is None:
        raise Http404
    return render(request, "runs/new.html", page_for(page, _draft(request, template)))


def _draft(request: HttpRequest, template: Template | None) -> Draft:
    if template is not None:
        return Draft(template, template.pattern.value, template.task, template.document)
    asked = request.GET.get("pattern", "")
    pattern = asked if asked in dict(PATTERNS) else Pattern.CONVOY.value
    return Draft(None, pattern, request.GET.get("task", "")[:20_000], plan_fields.usual(pattern))


def page_for(page: PageRequest, draft: Draft, sent: OrderForm | None = None) -> dict[str, Any]:
    """All that the page for a new run shows; `sent` is what a person has filled in so far."""
    template = draft.template
    values = sent.values() if sent is not None and template is not None else {}
    return {
        **editing.shown(page, draft),
        "places": places(template.fields, values) if template else (),
        "templates": templates.everything(page.user.pk),
        "forms": FORMS.items(),
        "key": uuid4(),
        "sent": {name: sent.sent.get(name, "") if sent else "" for name in BESIDE_PLAN},
    }


@require_POST
def quote(request: HttpRequest) -> HttpResponse:
    """What the run would cost as it stands on the page, and what other patterns would."""
    caller, form = caller_of(page_of(request)), OrderForm(request.POST, request.FILES)
    document: dict[str, Any] = {}
    try:
        order = _order(form)
        document = {"quote": orders.quote(caller, order), "others": orders.others(caller, order)}
    except RequestRefused as refused:
        document["problem"] = str(refused)
    return render(request, "runs/quote.html", document)


def _order(form: OrderForm) -> Order:
    if not form.is_valid():
        raise RequestRefused(form.problem())
    return form.order()


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    page, form = page_of(request), OrderForm(request.POST, request.FILES)
    try:
        order = _order(form)
        key = str(form.cleaned_data["key"] or "")
        trip = orders.start(caller_of(page), order, idempotency_key=key)
    except RequestRefused as refused:
        return _again(request, form, str(refused))
    return redirect("run", trip.pk)


def _again(request: HttpRequest, form: OrderForm, problem: str) -> HttpResponse:
    """The page as it was sent, with what has to change."""
    document = page_for(page_of(request), editing.draft_of(form), form)
    return render(request, "runs/new.html", {**document, "problem": problem}, status=400)


@require_POST
def fields(request: HttpRequest) -> HttpResponse:
    """The places to fill of the task and the plan as they stand on the page."""
    form = OrderForm(request.POST)
    template = editing.template_of(form)
    found = places(template.fields, form.values()) if template else ()
    return render(request, "prompts/fields.html", {"places": found, "prefix": "place"})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Save the plan on the page under a name."""
    form = OrderForm(request.POST)
    name = request.POST.get("name", "").strip()
    try:
        _check(form)
        drawn = form.template
        title = request.POST.get("title", "").strip() or name
        kept = Template(name, title, drawn.pattern, drawn.document, drawn.task)
        templates.keep(page_of(request).user.pk, kept)
    except RequestRefused as refused:
        return render(request, "runs/kept.html", {"problem": str(refused)})
    return render(request, "runs/kept.html", {"name": name})


def _check(form: OrderForm) -> None:
    if not form.is_valid():
        raise RequestRefused(form.problem())


@require_POST
def forget(request: HttpRequest, name: str) -> HttpResponse:
    if not templates.forget(page_of(request).user.pk, name):
        raise Http404
    return redirect("new-run")


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Have a gear part the task into steps; the page asks again until it has."""
    try:
        asked = drafting.request_for(request.POST.get("task", ""), request.POST.get("gear", ""))
        trip = trips.start(caller_of(page_of(request)), asked)
    except RequestRefused as refused:
        return render(request, "runs/draft.html", {"problem": str(refused)})
    return render(request, "runs/draft.html", {"trip": trip})


@require_safe
def drafted(request: HttpRequest, pk: UUID) -> HttpResponse:
    trip = get_trip_or_404(page_of(request), pk)
    if not trip.is_final:
        return render(request, "runs/draft.html", {"trip": trip})
    try:
        document = drafting.read(trip.payload.answer)
    except RequestRefused as refused:
        return render(request, "runs/draft.html", {"problem": trip.error or str(refused)})
    context = editing.shown(page_of(request), Draft(None, Pattern.CONVOY.value, "", document))
    return render(request, "runs/draft.html", {**context, "drafted": trip})
