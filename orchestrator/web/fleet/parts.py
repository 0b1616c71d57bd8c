"""What the pages of gears, roads and the draft share: the frame, and edits that met another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from orchestrator.models import FleetChange
from orchestrator.services.drafts import changes, entries
from orchestrator.services.drafts.changes import DraftRefused, EditedMeanwhile
from orchestrator.services.setup.sections.base import Entry, differences
from orchestrator.web.context import page_of


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence above the list after something was done."""

    text: str
    is_good: bool = True


def frame(tab: str, told: Told | None = None) -> dict[str, Any]:
    return {"tab": tab, "pending": FleetChange.objects.count(), "told": told}


def answer(request: HttpRequest, page: str, document: dict[str, Any]) -> HttpResponse:
    """The list again: as a fragment for a script, else by going back to its page."""
    told: Told | None = document["told"]
    is_refused = told is not None and not told.is_good
    if page_of(request).htmx:
        response = render(request, f"fleet/{page}_part.html", document)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#fleet", "outerHTML"
        return response
    if is_refused:
        return render(request, f"fleet/{page}.html", document, status=422)
    return redirect(page)


def form(
    request: HttpRequest, page: str, document: dict[str, Any], status: int = 200
) -> HttpResponse:
    """In place of the entry it edits, or as a page of its own."""
    is_inline = bool(page_of(request).htmx)
    name = f"fleet/{page}_form.html" if is_inline else f"fleet/{page}.html"
    return render(request, name, {"is_inline": is_inline, **document}, status=status)


class EntryForm(Protocol):
    def is_valid(self) -> bool: ...

    def entry(self) -> dict[str, Any]: ...


Show = Callable[[dict[str, Any], int], HttpResponse]


def keep(
    request: HttpRequest,
    group: str,
    form: EntryForm,
    show: Show,
    completed: Callable[[dict[str, Any]], dict[str, Any]],
) -> HttpResponse | None:
    """Put what was edited into the draft; the form again where something is against it.

    `completed` may refuse the entry, or add what the form does not know.
    """
    seen = request.POST.get("seen", "")
    if not form.is_valid():
        return show({"seen": seen}, 422)
    wanted = form.entry()
    try:
        wanted = completed(wanted)
        changes.put(group, wanted["name"], wanted, page_of(request).user, seen=seen)
    except DraftRefused as refused:
        return show({"seen": seen, "problem": str(refused)}, 422)
    except EditedMeanwhile as meanwhile:
        return show(met_another(wanted, meanwhile.theirs), 409)
    return None


def met_another(mine: Entry, theirs: Entry | None) -> dict[str, Any]:
    """Both versions of an entry that somebody else changed meanwhile."""
    return {
        "theirs": differences(mine, theirs) if theirs is not None else [],
        "is_gone": theirs is None,
        "seen": entries.digest(theirs),
    }


def marks() -> dict[tuple[str, str], str]:
    """How entries differ from what is live, for the badge beside them."""
    return {
        (change.group, change.name): "new"
        if change.before is None
        else "deleted"
        if change.after is None
        else "changed"
        for change in FleetChange.objects.all()
    }
