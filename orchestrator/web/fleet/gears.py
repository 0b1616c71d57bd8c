"""Gears (choosable models): listed, ordered, edited, priced, tried and retired, in the draft."""

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.models import Gear
from orchestrator.services.drafts import entries, gears
from orchestrator.services.drafts.changes import DraftRefused
from orchestrator.services.money import prices
from orchestrator.services.setup import fleet
from orchestrator.services.setup.discovery import NewGear
from orchestrator.web.context import page_of
from orchestrator.web.fleet import parts
from orchestrator.web.fleet.access import editors_only
from orchestrator.web.fleet.forms import GearForm, NewGearForm, words
from orchestrator.web.fleet.parts import Told


@require_safe
@editors_only
def gears_page(request: HttpRequest) -> HttpResponse:
    return render(request, "fleet/gears.html", document())


def document(told: Told | None = None) -> dict[str, Any]:
    marks, problems = parts.marks(), fleet.availability()
    live = set(Gear.objects.filter(is_enabled=True, retired_at=None).values_list("name", flat=True))
    rows = [_row(gear, marks, problems, live) for gear in gears.in_order()]
    kept = [row for row in rows if not row["gear"]["is_retired"]]
    levels = [
        {"number": level, "rows": [row for row in kept if row["gear"]["level"] == level]}
        for level in gears.LEVELS
    ]
    retired = [row for row in rows if row["gear"]["is_retired"]]
    return {"levels": levels, "retired": retired, **parts.frame("gears", told)}


def _row(
    gear: dict[str, Any],
    marks: dict[tuple[str, str], str],
    problems: dict[str, str],
    live: set[str],
) -> dict[str, Any]:
    return {
        "gear": gear,
        "mark": marks.get(("gears", gear["name"]), ""),
        "problem": problems.get(gear["name"]) or problems.get(gear["provider"]) or "",
        "price": price_of(gear),
        "may_test": gear["name"] in live,
    }


def price_of(gear: dict[str, Any]) -> dict[str, Any]:
    base = (gear["prices"] or {}).get("base") or {}
    return {
        "source": gear["price_source"],
        "input": base.get("input"),
        "output": base.get("output"),
        "is_unknown": gear["price_source"] not in ("free", "subscription") and not base,
        "is_old": bool(base)
        and not prices.is_current(prices.from_document(gear["prices"]), timezone.now()),
        "version": (gear["prices"] or {}).get("version", ""),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def edit(request: HttpRequest, name: str) -> HttpResponse:
    gear = gears.find(name)
    if gear is None:
        raise Http404
    if request.method != "POST":
        return _form(request, gear, GearForm.showing(gear), {"seen": entries.digest(gear)})
    form = GearForm(request.POST, gear=gear)

    def priced(wanted: dict[str, Any]) -> dict[str, Any]:
        price = form.price()
        return gears.with_price(wanted, price) if price else wanted

    again = parts.keep(request, "gears", form, partial(_form, request, gear, form), priced)
    if again is not None:
        return again
    return parts.answer(request, "gears", document(Told(f"{name} is in the draft.")))


def _form(
    request: HttpRequest,
    gear: dict[str, Any],
    form: GearForm,
    more: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    known = {"gear": gear, "form": form, "price": price_of(gear)}
    return parts.form(request, "gear", known | more, status)


@require_POST
@editors_only
def move(request: HttpRequest, name: str) -> HttpResponse:
    """By a button (`to` is up or down), or dropped before another gear of a level."""
    user, where = page_of(request).user, request.POST.get("to", "")
    try:
        if where in ("up", "down"):
            gears.shift(name, up=where == "up", user=user)
        else:
            level = request.POST.get("level", "")
            number = int(level) if level in "12345" and level else 0
            gears.place_before(name, request.POST.get("before", ""), number, user)
    except DraftRefused as refused:
        return parts.answer(request, "gears", document(Told(str(refused), is_good=False)))
    return parts.answer(request, "gears", document(Told(f"{name} was moved, in the draft.")))


@require_POST
@editors_only
def end(request: HttpRequest, name: str, how: str) -> HttpResponse:
    """Retire, use again, or delete what nothing refers to."""
    user = page_of(request).user
    done = {
        "retire": f"{name} is retired in the draft: no longer chosen, still in reports.",
        "restore": f"{name} is used again, in the draft.",
        "delete": f"{name} is deleted in the draft.",
    }
    if how not in done or gears.find(name) is None:
        raise Http404
    try:
        if how == "delete":
            gears.remove(name, user)
        else:
            gears.retire(name, user, is_retired=how == "retire")
    except DraftRefused as refused:
        return parts.answer(request, "gears", document(Told(str(refused), is_good=False)))
    return parts.answer(request, "gears", document(Told(done[how])))


@require_POST
@editors_only
def add(request: HttpRequest) -> HttpResponse:
    """A model that discovery found, or that somebody named."""
    form = NewGearForm(request.POST)
    if not form.is_valid():
        told = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return _added(request, Told(f"It cannot be added. {told}", is_good=False))
    wanted = form.cleaned_data
    new = NewGear(
        gears.free_name(wanted["model_id"]),
        wanted["provider"],
        wanted["model_id"],
        wanted["level"],
        wanted["context_window"],
        tuple(words(wanted["capabilities"])),
    )
    try:
        made = gears.add(new, page_of(request).user)
    except DraftRefused as refused:
        return _added(request, Told(str(refused), is_good=False))
    priced = "" if not price_of(made)["is_unknown"] else " Its price is unknown: type it first."
    return _added(request, Told(f"{new.name} is in the draft.{priced}"), made)


def _added(request: HttpRequest, told: Told, gear: dict[str, Any] | None = None) -> HttpResponse:
    if not page_of(request).htmx:
        return redirect("edit-gear", gear["name"]) if gear else redirect("discover-gears")
    return render(request, "fleet/added.html", {"told": told, "gear": gear})
