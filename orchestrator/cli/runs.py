"""`clutch runs`: what runs there are, how far they are, and pausing, going on, trying again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, names, ordering, output, run, session, swarm, wishes

if TYPE_CHECKING:
    from orchestrator.models import Trip

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"runs": app}
Run = Annotated[str, typer.Argument(help="The id of a run, or last.")]


@app.command("list")
def list_runs(
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="So many.")] = 20,
    as_json: wishes.Json = False,
) -> None:
    """The newest runs."""
    session.ready()
    from orchestrator.models import Trip
    from orchestrator.services.people import signin

    mine = Trip.objects.filter(user=signin.ensure_owner()).exclude(pattern="single")
    rows = [_summary(trip) for trip in mine.order_by("-id")[:count]]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("id", "pattern", "state", "cost", "cap", "task"),
        (
            (
                row["id"],
                row["pattern"],
                row["state"],
                output.dollars(row["cost_nano"], row["currency"]),
                "" if row["cap_nano"] is None else output.dollars(row["cap_nano"]),
                row["task"],
            )
            for row in rows
        ),
    )


def _summary(trip: "Trip") -> dict[str, Any]:
    return {
        "id": str(trip.pk),
        "pattern": trip.pattern,
        "state": trip.state,
        "cost_nano": trip.cost_nano,
        "cap_nano": trip.cap_nano,
        "currency": trip.currency,
        "task": trip.headline,
        "created_at": trip.created_at.isoformat(),
    }


@app.command()
def show(name: Run, as_json: wishes.Json = False) -> None:
    """How far a run is: its steps, its items, its money."""
    session.ready()
    from orchestrator.services.runs import boards

    document = boards.document(boards.of(_run(name)))
    if as_json:
        output.write_json(document)
        return
    cap = document["cap_nano"]
    money = output.dollars(document["spent_nano"], document["currency"])
    done = f"{document['done']} of {document['total']}"
    of_cap = "" if cap is None else f" of {output.dollars(cap, document['currency'])}"
    output.line(f"{document['state']} · {done} · {money}{of_cap}")
    if document["error"]:
        output.line(document["error"])
    output.table(
        ("phase", "place", "state", "gear", "calls", "cost"),
        (
            (
                row["lane"],
                row["name"],
                row["state"],
                row["gear"],
                row["calls"],
                output.dollars(row["cost_nano"], document["currency"]),
            )
            for row in document["places"]
        ),
    )
    for each in document["swarms"]:
        counts = f"{each['done']:,} done, {each['failed']:,} failed of {each['total']:,}"
        output.line(f"{each['name']}: {counts}")
        for failure in each["failures"]:
            output.line(f"  {failure['number']} {failure['item']}: {failure['error']}")


@app.command()
def pause(name: Run, as_json: wishes.Json = False) -> None:
    """Begin nothing new; what is under way ends within two seconds."""
    _steer(name, "pausing", _controls().pause, as_json=as_json)


@app.command()
def cancel(name: Run, as_json: wishes.Json = False) -> None:
    """End a run; what was done is kept."""
    _steer(name, "ending", _controls().cancel, as_json=as_json)


@app.command()
def resume(name: Run, cap: ordering.Cap = "", as_json: wishes.Json = False) -> None:
    """Go on with a paused run, here."""
    session.ready()
    from orchestrator.models import Trip

    trip, cap_nano = _run(name), ordering.nano(cap)
    _guarded(lambda: _controls().resume(trip, cap_nano, source=Trip.Source.CLI))
    run.finish(run.drive(trip.pk, "run-json" if as_json else "text"))


@app.command()
def retry(
    name: Run,
    gear: wishes.Gear = "",
    cap: ordering.Cap = "",
    as_json: wishes.Json = False,
) -> None:
    """Try again what failed of an ended run, here; what is done is not paid again."""
    session.ready()
    from orchestrator.models import Trip

    trip, cap_nano = _run(name), ordering.nano(cap)
    _guarded(lambda: _controls().retry(trip, gear, cap_nano, source=Trip.Source.CLI))
    run.finish(run.drive(trip.pk, "run-json" if as_json else "text"))


@app.command()
def results(
    name: Run,
    csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON lines.")] = False,
    into: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .csv or .jsonl file.")
    ] = None,
    as_json: wishes.Json = False,
) -> None:
    """What was made of the items so far: JSON lines, unless something else is asked for."""
    session.ready()
    if as_json:
        output.write_json(_results(_run(name)))
        return
    if into is not None and into.suffix.lstrip(".") not in swarm.ENDINGS:
        exits.leave(exits.USAGE, f"{into} must end in .csv or .jsonl.")
    swarm.write(_run(name).pk, into, "csv" if csv else "")


def _results(trip: "Trip") -> list[dict[str, Any]]:
    from orchestrator.services.runs import results

    return results.documents(trip.pk)


@app.command()
def plans(as_json: wishes.Json = False) -> None:
    """The plans that can be started by name, with the places each has."""
    session.ready()
    from orchestrator.services.people import signin
    from orchestrator.services.runs import templates

    found: list[dict[str, Any]] = [
        {
            "name": each.name,
            "title": each.title,
            "pattern": each.pattern.value,
            "places": [field.name for field in each.fields],
            "needs_items": each.needs_items,
            "is_own": each.is_own,
            "summary": each.summary,
        }
        for each in templates.everything(signin.ensure_owner().pk)
    ]
    if as_json:
        output.write_json(found)
        return
    output.table(
        ("name", "pattern", "places", "items", "what it does"),
        (
            (
                each["name"],
                each["pattern"],
                ", ".join(each["places"]),
                "needed" if each["needs_items"] else "",
                each["summary"],
            )
            for each in found
        ),
    )


def _controls() -> Any:
    session.ready()
    from orchestrator.services.runs import controls

    return controls


def _run(name: str) -> "Trip":
    from orchestrator.models import Trip
    from orchestrator.services.people import signin

    if name != "last":
        found = names.trip(name)
    else:
        mine = Trip.objects.filter(user=signin.ensure_owner()).select_related("payload")
        newest = mine.exclude(pattern="single").order_by("-id").first()
        if newest is None:
            exits.leave(exits.FAILED, "There is no run yet.", "Begin with: clutch swarm FILE TEXT")
        found = newest
    if found.pattern == "single":
        exits.leave(exits.USAGE, f"{found.pk} is a single answer, no run.", "See: clutch runs list")
    return found


def _steer(name: str, word: str, deed: "Callable[[Trip], None]", *, as_json: bool) -> None:
    trip = _run(name)
    _guarded(lambda: deed(trip))
    output.result(f"{word.capitalize()}.", {"id": str(trip.pk), "state": word}, as_json=as_json)


def _guarded(deed: Callable[[], object]) -> None:
    from orchestrator.services.driving.requests import RequestRefused
    from orchestrator.services.runs.controls import NotNow

    try:
        deed()
    except (RequestRefused, NotNow) as refused:
        exits.leave(exits.USAGE, str(refused))
