"""Roads (task classes): listed, ordered, edited, made and removed, in the draft."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.services.drafts import changes, entries, gears, roads
from orchestrator.services.drafts.changes import DraftRefused
from orchestrator.web.context import page_of
from orchestrator.web.fleet import parts
from orchestrator.web.fleet.access import editors_only
from orchestrator.web.fleet.forms import RoadForm
from orchestrator.web.fleet.parts import Told
from orchestrator.web.fleet.road_list import document

ORDERED = ("roads", "rules")


@require_safe
@editors_only
def roads_page(request: HttpRequest) -> HttpResponse:
    return render(request, "fleet/roads.html", document())


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def edit(request: HttpRequest, name: str) -> HttpResponse:
    road = roads.find(name)
    if road is None:
        raise Http404
    return _edit(request, road, is_new=False)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, {**roads.NEW, "name": ""}, is_new=True)


def _edit(request: HttpRequest, road: dict[str, Any], *, is_new: bool) -> HttpResponse:
    offered = gears.in_order()
    if request.method != "POST":
        form = RoadForm.showing(road, offered)
        return _form(request, road, form, {"seen": entries.digest(None if is_new else road)})
    form = RoadForm(request.POST, road=road, gears=offered)

    def free(wanted: dict[str, Any]) -> dict[str, Any]:
        if is_new and roads.find(wanted["name"]) is not None:
            raise DraftRefused(f"There is a road named {wanted['name']!r} already.")
        return wanted

    again = parts.keep(request, "roads", form, partial(_form, request, road, form), free)
    if again is not None:
        return again
    title = form.entry()["title"]
    return parts.answer(request, "roads", document(Told(f"{title} is in the draft.")))


def _form(
    request: HttpRequest,
    road: dict[str, Any],
    form: RoadForm,
    more: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    return parts.form(request, "road", {"road": road, "form": form} | more, status)


@require_POST
@editors_only
def move(request: HttpRequest, group: str, name: str) -> HttpResponse:
    if group not in ORDERED:
        raise Http404
    user, where = page_of(request).user, request.POST.get("to", "")
    try:
        if where in ("up", "down"):
            roads.shift(group, name, up=where == "up", user=user)
        else:
            roads.place_before(group, name, request.POST.get("before", ""), user)
    except DraftRefused as refused:
        return parts.answer(request, "roads", document(Told(str(refused), is_good=False)))
    return parts.answer(request, "roads", document(Told(f"{name} was moved, in the draft.")))


@require_POST
@editors_only
def remove(request: HttpRequest, group: str, name: str) -> HttpResponse:
    """Trips keep the road's name, so reports lose nothing."""
    if group not in ORDERED or entries.drafted_one(group, name) is None:
        raise Http404
    changes.put(group, name, None, page_of(request).user)
    return parts.answer(request, "roads", document(Told(f"{name} is deleted in the draft.")))
