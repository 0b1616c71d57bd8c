"""Changes of gears and roads by command: live at once, or gathered in the draft."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from orchestrator.cli import completions, exits, output, session, wishes
from orchestrator.cli import names as rows
from orchestrator.routing.types import Pattern

Draft = Annotated[bool, typer.Option("--draft", help="Only note it in the draft.")]
Note = Annotated[str, typer.Option("--note", help="What it is for.")]


def _apply(group: str, wanted: dict[str, Any], *, is_draft: bool, note: str, as_json: bool) -> None:
    from orchestrator.services.drafts import changes, publishing
    from orchestrator.services.drafts.changes import DraftRefused
    from orchestrator.services.drafts.publishing import PublishRefused
    from orchestrator.services.people import signin

    owner, name = signin.ensure_owner(), wanted["name"]
    try:
        if is_draft:
            changes.put(group, name, wanted, owner)
            text = f"{name} is in the draft. See: clutch fleet diff"
        else:
            kept = publishing.apply_now(group, wanted, owner, note or f"{name} by command")
            text = f"{name} is changed. This is version {kept.version}."
    except (DraftRefused, PublishRefused) as refused:
        exits.leave(exits.USAGE, str(refused), "Nothing was changed.")
    output.result(text, {**wanted, "is_draft": is_draft}, as_json=as_json)


def _entry(group: str, name: str) -> dict[str, Any]:
    from orchestrator.services.drafts import entries

    entry = entries.drafted_one(group, name)
    if entry is None:
        finder: Callable[[str], Any] = rows.gear if group == "gears" else rows.road
        finder(name)  # says which names are near
        exits.leave(exits.USAGE, f"{name} is deleted in the draft.", "See: clutch fleet diff")
    return entry


def _live(group: str, name: str, *, is_draft: bool) -> dict[str, Any]:
    """What is changed: the draft's entry, or the live one."""
    from orchestrator.services.drafts import entries

    return _entry(group, name) if is_draft else entries.live_one(group, name) or _entry(group, name)


def set_road(
    name: completions.RoadName,
    gear: Annotated[
        str | None,
        typer.Option("--gear", help="The default gear.", autocompletion=completions.gears),
    ] = None,
    throttle: Annotated[
        int | None, typer.Option("--throttle", min=0, max=100, help="Reasoning level, %.")
    ] = None,
    pattern: Annotated[Pattern | None, typer.Option("--pattern", help="How it is driven.")] = None,
    confidence: Annotated[
        int | None,
        typer.Option("--confidence", min=0, max=100, help="Only when at least so sure, %."),
    ] = None,
    is_enabled: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether tasks may go there.")
    ] = None,
    draft: Draft = False,
    note: Note = "",
    as_json: wishes.Json = False,
) -> None:
    """Change what a road starts from."""
    session.ready()
    given = {
        "default_gear": gear,
        "throttle": throttle,
        "pattern": pattern.value if pattern else None,
        "min_confidence": None if confidence is None else confidence / 100,
        "is_enabled": is_enabled,
    }
    changed = {key: value for key, value in given.items() if value is not None}
    wanted = {**_live("roads", name, is_draft=draft), **changed}
    _apply("roads", wanted, is_draft=draft, note=note, as_json=as_json)


def set_gear(
    name: completions.GearName,
    title: Annotated[str | None, typer.Option("--title", help="How it is called.")] = None,
    level: Annotated[int | None, typer.Option("--level", min=1, max=5, help="G1 to G5.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Its id at the provider.")] = None,
    window: Annotated[
        int | None, typer.Option("--window", min=1, help="Context in tokens.")
    ] = None,
    can: Annotated[list[str] | None, typer.Option("--can", help="All it can: tools, …")] = None,
    free: Annotated[bool, typer.Option("--free", help="It costs nothing.")] = False,
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="Look its price up again.")
    ] = False,
    draft: Draft = False,
    note: Note = "",
    as_json: wishes.Json = False,
) -> None:
    """Change a gear."""
    session.ready()
    from orchestrator.services.drafts import gears
    from orchestrator.services.drafts.changes import DraftRefused

    given = {"title": title, "level": level, "model_id": model, "context_window": window}
    changed: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if can:
        changed["capabilities"] = can
    wanted = {**_live("gears", name, is_draft=draft), **changed}
    try:
        if free or catalogue:
            wanted = gears.with_price(wanted, gears.Price("free" if free else "catalogue"))
    except DraftRefused as refused:
        exits.leave(exits.USAGE, str(refused), f"clutch gears price {name} IN OUT")
    _apply("gears", wanted, is_draft=draft, note=note, as_json=as_json)


def retire(name: completions.GearName, draft: Draft = False, as_json: wishes.Json = False) -> None:
    """No longer choose a gear; reports keep it."""
    _retire(name, is_retired=True, is_draft=draft, as_json=as_json)


def restore(name: completions.GearName, draft: Draft = False, as_json: wishes.Json = False) -> None:
    """Use a retired gear again."""
    _retire(name, is_retired=False, is_draft=draft, as_json=as_json)


def _retire(name: str, *, is_retired: bool, is_draft: bool, as_json: bool) -> None:
    session.ready()
    wanted = {**_live("gears", name, is_draft=is_draft), "is_retired": is_retired}
    _apply("gears", wanted, is_draft=is_draft, note="", as_json=as_json)


def move(
    name: completions.GearName,
    where: Annotated[str, typer.Argument(help="up or down.")],
    as_json: wishes.Json = False,
) -> None:
    """Put a gear one place up or down, in the draft."""
    session.ready()
    from orchestrator.services.drafts import gears
    from orchestrator.services.people import signin

    rows.gear(name)
    if where not in ("up", "down"):
        exits.leave(exits.USAGE, f"A gear moves up or down, not {where!r}.")
    gears.shift(name, up=where == "up", user=signin.ensure_owner())
    gear = gears.find(name) or {}
    output.result(
        f"{name} is at G{gear['level']} in the draft. See: clutch fleet diff",
        {"name": name, "level": gear["level"], "order": gear["order"], "is_draft": True},
        as_json=as_json,
    )
