"""`clutch report` and `clutch trips`: what was spent on what, and the trips behind it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from orchestrator.cli import completions, exits, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Trip
    from orchestrator.services.reports.questions import Question
    from orchestrator.services.reports.reading import Report

report_app, trips_app = typer.Typer(add_completion=False), typer.Typer(add_completion=False)
apps = {"report": report_app, "trips": trips_app}

Scope = Annotated[str, typer.Option("--scope", help="mine, all or team:NUMBER.")]
Period = Annotated[
    str,
    typer.Option("--period", help="today, 7d, 30d, month, last-month, quarter, year or custom."),
]
First = Annotated[str, typer.Option("--from", help="First day, such as 2026-11-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day.")]
Many = Annotated[
    list[str] | None,
    typer.Option("--where", "-w", help="NAME=VALUE; repeatable, such as member=ada or tag=x."),
]


@report_app.command()
def report(
    period: Period = "",
    first: First = "",
    last: Last = "",
    group: Annotated[
        str, typer.Option("--group", help="member, team, gear, provider, road, tag and so on.")
    ] = "",
    where: Many = None,
    scope: Scope = "",
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline", help="Savings against this gear.", autocompletion=completions.gears
        ),
    ] = "",
    demo: Annotated[bool, typer.Option("--demo", help="Demo dollars instead of dollars.")] = False,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a .csv or .xlsx file.")
    ] = None,
    what: Annotated[
        str, typer.Option("--what", help="What to write: groups, days or trips.")
    ] = "groups",
    as_json: wishes.Json = False,
) -> None:
    """What was spent on what, compared with the period before."""
    session.ready()
    asked = _asked(where) | {
        name: [value]
        for name, value in {
            "scope": scope, "period": period, "from": first, "to": last, "group": group,
            "baseline": baseline, "currency": "demo" if demo else "",
        }.items()
        if value
    }  # fmt: skip
    question = _question(asked)
    if file is not None:
        _export(question, what, file, as_json=as_json)
        return
    from orchestrator.services.reports import documents, reading

    found = reading.answer(question)
    if as_json:
        output.write_json(documents.document(found))
    else:
        _draw(found)


def _asked(where: Iterable[str] | None) -> dict[str, list[str]]:
    from orchestrator.services.reports import names

    asked: dict[str, list[str]] = {}
    for each in where or ():
        name, sign, value = each.partition("=")
        if not sign or not value or name not in names.COLUMNS:
            known = ", ".join(names.COLUMNS)
            exits.leave(exits.USAGE, f"{each!r} is no filter. Write NAME=VALUE with: {known}.")
        asked.setdefault(name, []).append(value)
    return asked


def _question(asked: dict[str, list[str]]) -> "Question":
    from django.utils import timezone

    from orchestrator.services.people import signin
    from orchestrator.services.reports import questions
    from orchestrator.services.reports.refusals import OutOfSight, ReportRefused

    try:
        return questions.read(signin.ensure_owner(), asked, timezone.now().date())
    except ReportRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    except OutOfSight:
        exits.leave(exits.USAGE, "There is no such scope.", "Use mine, all or team:NUMBER.")


def _draw(found: "Report") -> None:
    ask, totals = found.question, found.totals
    money = ask.currency
    saved = output.dollars(ask.baseline.saved_nano(totals), money)
    output.line(f"{ask.scope.title}, {ask.span} (UTC), compared with {ask.before}")
    output.line(
        f"{output.dollars(totals.cost_nano, money)} on {totals.trips:,} trips "
        f"(before: {output.dollars(found.before.cost_nano, money)} on {found.before.trips:,}), "
        f"saved {saved} against {ask.baseline.title}, {totals['failed']:,} failed"
    )
    from orchestrator.services.reports import names

    output.table(
        (names.TITLES[ask.group], "cost", "trips", "saved", "failed", "in", "out", "half within"),
        (
            (
                line.label,
                output.dollars(line.figures.cost_nano, money),
                f"{line.figures.trips:,}",
                output.dollars(ask.baseline.saved_nano(line.figures), money),
                line.figures.failed,
                f"{line.figures.tokens_in:,}",
                f"{line.figures.tokens_out:,}",
                "" if line.figures.p50_s is None else f"{line.figures.p50_s:.1f} s",
            )
            for line in found.lines
        ),
    )


def _export(question: "Question", what: str, file: Path, *, as_json: bool) -> None:
    from orchestrator.services.reports import exporting
    from orchestrator.services.reports.refusals import ReportRefused

    if file.suffix not in (".csv", ".xlsx"):
        exits.leave(exits.USAGE, f"{file} ends neither with .csv nor with .xlsx.")
    try:
        found = exporting.table(question, what)
        with file.open("wb") as opened:
            opened.writelines(_pieces(found, file.suffix, what))
    except ReportRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    except OSError as error:
        exits.leave(exits.FAILED, f"Cannot write {file}: {error.strerror}.")
    size = file.stat().st_size
    output.result(
        f"Wrote {file}, {size:,} bytes.", {"file": str(file), "bytes": size}, as_json=as_json
    )


def _pieces(found: Any, suffix: str, what: str) -> Iterable[bytes]:
    from orchestrator.services.reports import exporting

    if suffix == ".csv":
        return (piece.encode() for piece in exporting.as_csv(found))
    return exporting.pieces(exporting.as_spreadsheet(found, what))


@trips_app.command()
def trips(
    state: Annotated[str, typer.Option("--state", help="done, failed, stopped and so on.")] = "",
    gear: wishes.Gear = "",
    road: wishes.Road = "",
    tag: Annotated[str, typer.Option("--tag", help="Of a chat with this tag.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many.")] = 20,
    before: Annotated[str, typer.Option("--before", help="Older than the trip of this id.")] = "",
    scope: Scope = "mine",
    as_json: wishes.Json = False,
) -> None:
    """The log of trips, newest first."""
    session.ready()
    from orchestrator.models import Trip
    from orchestrator.services.reports import listing

    if state and state not in Trip.State.values:
        known = ", ".join(Trip.State.values)
        exits.leave(exits.USAGE, f"{state!r} is no state. Use one of: {known}.")
    filters = listing.Filters(exact={"state": state, "gear": gear, "road": road}, tag=tag)
    asked = _question({"scope": [scope]})
    found = listing.page(asked.scope, filters, _id(before), limit)
    if as_json:
        rows = [_document(trip) for trip in found.trips]
        output.write_json({"trips": rows, "older": str(found.older) if found.older else None})
        return
    output.table(
        ("trip", "begun", "state", "gear", "cost", "task"),
        (
            (
                trip.pk,
                f"{trip.created_at:%Y-%m-%d %H:%M}",
                trip.state,
                trip.gear,
                output.dollars(trip.cost_nano, trip.currency),
                trip.headline[:50] if trip.user.is_owner else f"(private, {trip.user.username})",
            )
            for trip in found.trips
        ),
    )
    if found.older:
        output.note(f"Older ones: clutch trips --before {found.older}")


def _id(text: str) -> "UUID | None":
    try:
        return UUID(text) if text else None
    except ValueError:
        exits.leave(exits.USAGE, f"{text!r} is not the id of a trip.")


def _document(trip: "Trip") -> dict[str, Any]:
    """Texts are for whom they belong to."""
    return {
        "id": str(trip.pk),
        "created_at": trip.created_at.isoformat(),
        "member": trip.user.username,
        "state": trip.state,
        "headline": trip.headline if trip.user.is_owner else "",
        "road": trip.road,
        "gear": trip.gear,
        "pattern": trip.pattern,
        "throttle": trip.throttle,
        "profile": trip.profile,
        "currency": trip.currency,
        "cost_nano": trip.cost_nano,
        "baseline_nano": trip.baseline_nano,
        "input_tokens": trip.input_tokens,
        "cached_input_tokens": trip.cached_input_tokens,
        "output_tokens": trip.output_tokens,
        "error_code": trip.error_code,
    }
