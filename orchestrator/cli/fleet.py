"""`clutch fleet`: the draft of gears, roads and rules, its versions, and what it would change."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes
from orchestrator.cli.route import read_text

if TYPE_CHECKING:
    from orchestrator.models import FleetDocument
    from orchestrator.services.drafts.publishing import Step

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"fleet": app}
SEE = "See: clutch fleet diff"
Version = Annotated[int, typer.Argument(help="A number from: clutch fleet history", min=1)]


@app.command()
def diff(as_json: wishes.Json = False) -> None:
    """What publishing the draft would change."""
    session.ready()
    from orchestrator.services.drafts import publishing

    steps = publishing.steps()
    problems = publishing.problems(steps)
    if as_json:
        output.write_json({"steps": [_document(step) for step in steps], "problems": problems})
        return
    _tell(steps, "The draft is empty: nothing differs from what is live.")
    for problem in problems:
        output.line(f"problem: {problem}")


def _document(step: "Step") -> dict[str, Any]:
    return {
        "group": step.group,
        "name": step.name,
        "kind": step.kind,
        "differences": [each.text for each in step.differences],
        "is_conflict": step.is_conflict,
        "changed_meanwhile": [each.text for each in step.theirs],
    }


def _tell(steps: "list[Step]", empty: str) -> None:
    if not steps:
        output.line(empty)
    for step in steps:
        output.line(f"{step.kind}: {step.group} {step.name}")
        for each in step.differences:
            output.line(f"    {each.text}")


@app.command()
def publish(
    note: Annotated[str, typer.Option("--note", help="What it is for.")] = "",
    as_json: wishes.Json = False,
) -> None:
    """Make the draft live: all of it, or nothing when something is wrong."""
    session.ready()
    from orchestrator.services.drafts import publishing
    from orchestrator.services.people import signin

    try:
        kept = publishing.publish(signin.ensure_owner(), note)
    except publishing.PublishRefused as refused:
        exits.leave(exits.FAILED, f"Nothing was published. {refused}", SEE)
    _tell_version(f"Version {kept.version} is live.", kept, as_json)


def _tell_version(text: str, kept: "FleetDocument", as_json: bool) -> None:
    output.result(text, {"version": kept.version, "note": kept.note}, as_json=as_json)


@app.command()
def discard(as_json: wishes.Json = False) -> None:
    """Drop the whole draft. What is live stays."""
    session.ready()
    from orchestrator.services.drafts import changes

    count = changes.discard_all()
    output.result(f"{count} drafted changes were dropped.", {"dropped": count}, as_json=as_json)


@app.command()
def history(as_json: wishes.Json = False) -> None:
    """Versions that were published or decided with, the newest first."""
    session.ready()
    from orchestrator.services.drafts import versions
    from orchestrator.services.setup import fleet

    rows = [
        {
            "version": each.version,
            "is_live": each.version == fleet.version(),
            "made_by": each.made_by.username if each.made_by else None,
            "note": each.note,
            "created_at": each.created_at,
        }
        for each in versions.history()[:100]
    ]
    if as_json:
        output.write_json(rows)
        return
    if not rows:
        output.line("Nothing was published or driven yet.")
        return
    output.table(
        ("version", "when", "who", "what for"),
        (
            (
                f"{row['version']}{' (live)' if row['is_live'] else ''}",
                f"{row['created_at']:%Y-%m-%d %H:%M}",
                row["made_by"] or "outside the draft",
                row["note"],
            )
            for row in rows
        ),
    )


@app.command()
def show(version: Version, as_json: wishes.Json = False) -> None:
    """What going back to a version would change."""
    session.ready()
    from orchestrator.services.drafts import entries, publishing, versions

    steps = publishing.between(entries.everything(), versions.read(_kept(version)))
    if as_json:
        output.write_json({"version": version, "steps": [_document(step) for step in steps]})
    else:
        _tell(steps, f"Everything is as it was at version {version}.")


def _kept(version: int) -> "FleetDocument":
    from orchestrator.models import FleetDocument

    kept = FleetDocument.objects.filter(version=version).first()
    if kept is None:
        exits.leave(exits.USAGE, f"Version {version} was not kept.", "See: clutch fleet history")
    return kept


@app.command()
def rollback(version: Version, as_json: wishes.Json = False) -> None:
    """Everything as it was at a version, as a new version."""
    session.ready()
    from orchestrator.services.drafts import publishing
    from orchestrator.services.people import signin

    _kept(version)
    try:
        kept = publishing.roll_back(version, signin.ensure_owner())
    except publishing.PublishRefused as refused:
        exits.leave(exits.FAILED, str(refused))
    _tell_version(
        f"Version {kept.version} is live, with what version {version} held.", kept, as_json
    )


@app.command()
def replay(
    most: Annotated[int, typer.Option("--trips", min=1, max=1000, help="How many.")] = 200,
    as_json: wishes.Json = False,
) -> None:
    """Decide the latest answered trips again, live and drafted. Nothing is sent."""
    session.ready()
    from orchestrator.services.drafts import replays

    try:
        found = replays.replay(most)
    except ValueError as wrong:
        exits.leave(exits.FAILED, f"The draft cannot be replayed: {wrong}.", SEE)
    if as_json:
        output.write_json(found.document())
        return
    output.line(found.line)
    if found.moved:
        output.table(
            ("trip", "road", "gear", "estimate"),
            (
                (
                    str(each.trip.pk)[:8],
                    f"{each.old_road} → {each.new_road}",
                    f"{each.old} → {each.new}",
                    f"{output.dollars(each.old_nano)} → {output.dollars(each.new_nano)}",
                )
                for each in found.moved
            ),
        )


@app.command("try")
def try_out(
    text: Annotated[list[str] | None, typer.Argument(help="A task; - reads a pipe.")] = None,
    as_json: wishes.Json = False,
) -> None:
    """What a task gets now, and what it would get with the draft."""
    session.ready()
    from orchestrator.services.drafts import fleets
    from orchestrator.services.driving import planning, requests

    try:
        request = requests.from_text(read_text(text))
    except requests.RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    live = planning.preview(session.caller(), request)
    try:
        drafted = planning.preview(session.caller(), request, fleets.drafted())
    except ValueError as wrong:
        exits.leave(exits.FAILED, f"The draft cannot be tried: {wrong}.", SEE)
    if as_json:
        output.write_json({"live": live, "draft": drafted})
    else:
        output.line(f"live:  {live['line']}")
        output.line(f"draft: {drafted['line']}")
