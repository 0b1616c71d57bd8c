"""`clutch swarm FILE`: one instruction over many items, driven here with a progress bar."""

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from orchestrator import json_input
from orchestrator.cli import exits, ordering, output, run, screen, session, wishes

app = typer.Typer(add_completion=False)
apps = {"swarm": app}
MAX_SCHEMA_BYTES = 256 * 1024
ENDINGS = ("csv", "jsonl")


@app.command()
def swarm(
    file: Annotated[
        Path, typer.Argument(help="Lines, CSV, JSONL or JSON, a folder, or - for lines.")
    ],
    text: Annotated[list[str], typer.Argument(help="What to do with each item.")],
    column: ordering.Column = "",
    gear: wishes.Gear = "",
    throttle: wishes.Throttle = None,
    profile: wishes.Profile = "",
    policy: wishes.Policy = "",
    parallel: Annotated[
        int, typer.Option("--parallel", min=1, max=100, help="Calls at a time.")
    ] = 10,
    retries: Annotated[
        int, typer.Option("--retries", min=0, max=3, help="Tries after a failed check.")
    ] = 1,
    regex: Annotated[str, typer.Option("--regex", help="An answer must match this.")] = "",
    schema: Annotated[
        Path | None, typer.Option("--schema", help="An answer must keep to this JSON schema.")
    ] = None,
    judge: Annotated[
        str, typer.Option("--judge", help="A model must answer this about it with yes.")
    ] = "",
    combine: Annotated[
        str, typer.Option("--combine", help="concatenate, table or reduce.")
    ] = "concatenate",
    into: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the results to a .csv or .jsonl.")
    ] = None,
    cap: ordering.Cap = "",
    yes: ordering.Yes = False,
    stream: Annotated[bool, typer.Option("--stream", help="One JSON line per event.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Do the same for every item of a file."""
    session.ready()
    if into is not None and into.suffix.lstrip(".") not in ENDINGS:
        exits.leave(exits.USAGE, f"{into} must end in .csv or .jsonl.")
    check = {"json_schema": _schema(schema), "regex": regex, "judge": judge}
    document: dict[str, Any] = {"parallel": parallel, "retries": retries, "combine": combine}
    document |= {"check": {name: value for name, value in check.items() if value}}
    wished = wishes.Wishes(gear, throttle, "", "swarm", profile, policy)
    asked = ordering.Asked(items=file, column=column, cap=cap, document=document)
    wanted = ordering.order(wished, " ".join(text), asked)
    trip = ordering.begin(wanted, is_agreed=yes, is_quiet=as_json or stream)
    mode: screen.Mode = "stream" if stream else "run-json" if as_json else "text"
    last = run.drive(trip.pk, "quiet-text" if into and mode == "text" else mode)
    if into is not None:
        write(trip.pk, into)
    run.finish(last)


def _schema(file: Path | None) -> Any:
    if file is None:
        return None
    try:
        return json_input.parse(file.read_bytes(), max_bytes=MAX_SCHEMA_BYTES)
    except json_input.InvalidJson as error:
        exits.leave(exits.USAGE, f"{file} is not JSON: {error.reason}")
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")


def write(trip_id: UUID, into: Path | None, ending: str = "") -> None:
    """The results so far into a file, or to standard output."""
    from orchestrator.services.runs import results

    kind = ending or (into.suffix.lstrip(".") if into else "jsonl")
    rows = results.as_csv(trip_id) if kind == "csv" else results.as_jsonl(trip_id)
    if into is None:
        for row in rows:
            sys.stdout.write(row)
        return
    try:
        with into.open("w", encoding="utf-8", newline="") as out:
            out.writelines(rows)
    except OSError as error:
        exits.leave(exits.FAILED, f"Cannot write {into}: {error.strerror}.")
    output.note(f"The results are in {into}.")
