"""Starting a run from the page: choose a plan, see what it will cost, start it with that cap."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.patterns import plans
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import trips
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs import drafting, orders, templates
from orchestrator.services.runs.orders import Order
from orchestrator.services.runs.templates import Template
from orchestrator.web.access import caller_of, get_trip_or_404
from orchestrator.web.chat import wishes
from orchestrator.web.context import page_of
from orchestrator.web.runs.forms import FORMS, PATTERNS, Draft, OrderForm, written


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    user_id = page_of(request).user.pk
    name = request.GET.get("plan", "")
    template = templates.find(user_id, name) if name else None
    if name and template is None:
        raise Http404
    return render(request, "runs/new.html", _page(user_id, _draft(request, template)))


def _draft(request: HttpRequest, template: Template | None) -> Draft:
    if template is not None:
        plan = written(template.document)
        return Draft(template, template.pattern.value, template.task, plan)
    asked = request.GET.get("pattern", "")
    pattern = asked if asked in dict(PATTERNS) else Pattern.CONVOY.value
    return Draft(None, pattern, request.GET.get("task", "")[:20_000], usual_plan(pattern))


def usual_plan(pattern: str) -> str:
    plan = plans.default_for(pattern)
    return written(plans.to_document(plan, is_whole=True)) if plan else ""


def _page(user_id: int, draft: Draft) -> dict[str, Any]:
    found = templates.everything(user_id)
    return {
        "draft": draft,
        "fields": draft.template.fields if draft.template else (),
        "templates": found,
        "patterns": PATTERNS,
        "forms": FORMS.items(),
        "levels": wishes.levels(),
        "key": uuid4(),
    }


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """The usual plan of a pattern, for a page that changed its mind."""
    pattern = request.GET.get("pattern", "")
    if pattern not in dict(PATTERNS):
        raise Http404
    return render(request, "runs/plan.html", {"plan": usual_plan(pattern)})


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
    sent = form.data
    template = _template(form)
    draft = Draft(template, sent.get("pattern", ""), sent.get("task", ""), sent.get("plan", ""))
    document = _page(page_of(request).user.pk, draft)
    document |= {"problem": problem, "sent": sent}
    return render(request, "runs/new.html", document, status=400)


def _template(form: OrderForm) -> Template | None:
    try:
        return form.template() if form.is_valid() else None
    except RequestRefused:
        return None


@require_POST
def fields(request: HttpRequest) -> HttpResponse:
    """The places to fill of the task and the plan as they stand on the page."""
    form = OrderForm(request.POST)
    template = _template(form)
    found = template.fields if template else ()
    return render(request, "runs/fields.html", {"fields": found, "sent": request.POST})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Save the plan on the page under a name."""
    form = OrderForm(request.POST)
    name = request.POST.get("name", "").strip()
    try:
        _check(form)
        drawn = form.template()
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
    return render(request, "runs/draft.html", {"plan": written(document), "drafted": trip})
