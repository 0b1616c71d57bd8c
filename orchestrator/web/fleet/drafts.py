"""The draft: what differs, what it would choose, what it would have changed, and publishing it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import FleetDocument
from orchestrator.providers.vocabulary import ImagePart, Message, TextPart, ToolSpec
from orchestrator.services.drafts import changes, entries, fleets, publishing, replays, versions
from orchestrator.services.drafts.publishing import PublishRefused
from orchestrator.services.driving import planning
from orchestrator.services.driving.requests import TripRequest, from_text
from orchestrator.services.setup import fleet
from orchestrator.web.access import caller_of
from orchestrator.web.context import page_of
from orchestrator.web.fleet import parts
from orchestrator.web.fleet.access import editors_only
from orchestrator.web.fleet.parts import Told

MOST_VERSIONS = 100


@require_safe
@editors_only
def draft_page(request: HttpRequest) -> HttpResponse:
    return render(request, "fleet/draft.html", document())


def document(told: Told | None = None) -> dict[str, Any]:
    steps = publishing.steps()
    return {
        "steps": steps,
        "problems": publishing.problems(steps),
        "seen": changes.sign(),
        "version": fleet.version(),
        **parts.frame("draft", told),
    }


@require_POST
@editors_only
def publish(request: HttpRequest) -> HttpResponse:
    user, posted = page_of(request).user, request.POST
    try:
        publishing.publish(user, posted.get("note", "")[:300], seen=posted.get("seen", ""))
    except PublishRefused as refused:
        told = Told(f"Nothing was published. {refused}", is_good=False)
        return render(request, "fleet/draft.html", document(told), status=409)
    return redirect("fleet-history")


@require_POST
@editors_only
def discard(request: HttpRequest) -> HttpResponse:
    """One entry of the draft, or all of it; or keep it over what went live meanwhile."""
    group, name = request.POST.get("group", ""), request.POST.get("name", "")
    if not group:
        changes.discard_all()
    elif group not in entries.GROUPS:
        raise Http404
    elif request.POST.get("keep") == "mine":
        changes.keep_mine(group, name)
    else:
        changes.discard(group, name)
    return redirect("draft")


@require_POST
@editors_only
def try_out(request: HttpRequest) -> HttpResponse:
    """What a pasted task gets now and what it would get, by the code that drives."""
    found: dict[str, Any] = {}
    try:
        asked = _asked(request)
        caller = caller_of(page_of(request))
        found["live"] = planning.preview(caller, asked)
        found["receipt"] = planning.preview(caller, asked, fleets.drafted())
    except ValueError as refused:  # also a draft that cannot be decided with
        found["problem"] = str(refused)
    return render(request, "fleet/try.html", found)


def _asked(request: HttpRequest) -> TripRequest:
    """With the task's text, and where ticked an image or a tool, which only some models take."""
    asked = from_text(request.POST.get("text", ""))
    if request.POST.get("image"):
        with_image = (TextPart(asked.text), ImagePart("image/png", b""))
        asked = TripRequest(messages=(Message("user", with_image),))
    if request.POST.get("tools"):
        tool = ToolSpec(name="look_up", description="", schema={"type": "object"})
        asked = TripRequest(messages=asked.messages, tools=(tool,))
    return asked


@require_POST
@editors_only
def replay(request: HttpRequest) -> HttpResponse:
    """Tasks of other people are counted; their words stay theirs."""
    try:
        found = replays.replay()
    except ValueError as wrong:
        told = Told(f"The draft cannot be replayed: {wrong}.", is_good=False)
        return render(request, "fleet/told.html", {"told": told})
    user = page_of(request).user
    rows = [{"moved": each, "is_mine": each.trip.user_id == user.pk} for each in found.moved]
    return render(request, "fleet/replay.html", {"replay": found, "rows": rows})


@require_safe
@editors_only
def history(request: HttpRequest) -> HttpResponse:
    return render(request, "fleet/history.html", history_document())


def history_document(told: Told | None = None) -> dict[str, Any]:
    kept = list(versions.history()[:MOST_VERSIONS])
    read = [versions.read(each) for each in kept]
    rows = [
        {"kept": each, "changed": len(publishing.between(read[at + 1], read[at])) if rest else None}
        for at, each in enumerate(kept)
        for rest in [kept[at + 1 :]]
    ]
    return {"rows": rows, "current": fleet.version(), **parts.frame("history", told)}


@require_safe
@editors_only
def version(request: HttpRequest, number: int) -> HttpResponse:
    """What going back to it would change."""
    kept = FleetDocument.objects.select_related("made_by").filter(version=number).first()
    if kept is None:
        told = Told(f"What version {number} held was not kept.", is_good=False)
        return render(request, "fleet/history.html", history_document(told), status=404)
    then = versions.read(kept)
    before = versions.history().filter(version__lt=number).first()
    found = {
        "kept": kept,
        "steps": publishing.between(entries.everything(), then),
        "brought": publishing.between(versions.read(before), then) if before else [],
        "before": before,
        "current": fleet.version(),
    }
    return render(request, "fleet/version.html", found | parts.frame("history"))


@require_POST
@editors_only
def roll_back(request: HttpRequest, number: int) -> HttpResponse:
    try:
        publishing.roll_back(number, page_of(request).user)
    except FleetDocument.DoesNotExist as error:
        raise Http404 from error
    except PublishRefused as refused:
        told = Told(f"Nothing was changed. {refused}", is_good=False)
        return render(request, "fleet/history.html", history_document(told), status=409)
    return redirect("fleet-history")
