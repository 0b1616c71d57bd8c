"""`clutch last`, `stats`, `replay`, `rate` and `reroute`: what was driven, and how well."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from orchestrator.cli import exits, names, output, route, run, session, wishes

stats_app, last_app, replay_app = (
    typer.Typer(add_completion=False),
    typer.Typer(add_completion=False),
    typer.Typer(add_completion=False),
)
rate_app, reroute_app = typer.Typer(add_completion=False), typer.Typer(add_completion=False)
apps = {
    "stats": stats_app,
    "last": last_app,
    "replay": replay_app,
    "rate": rate_app,
    "reroute": reroute_app,
}
TripName = Annotated[str, typer.Argument(help="The id of a trip, or last.")]


@stats_app.command()
def stats(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="So far back.")] = 30,
    as_json: wishes.Json = False,
) -> None:
    """What was spent on what."""
    session.ready()
    from django.utils import timezone

    from orchestrator.services.school import statistics

    figures = statistics.since(timezone.now() - timedelta(days=days))
    if as_json:
        output.write_json(figures)
        return
    for currency, total in figures["totals"].items():
        saved = output.dollars(total["saved_nano"], currency)
        output.line(
            f"{total['trips']} trips, {output.dollars(total['cost_nano'], currency)}, "
            f"{saved} less than the dearest gear, {total['unmetered_legs']} calls without numbers"
        )
    output.table(
        ("gear", "calls", "failed", "in", "out", "cost"),
        (
            (
                row["gear"],
                row["legs"],
                row["failed"],
                f"{row['input_tokens']:,}",
                f"{row['output_tokens']:,}",
                output.dollars(row["cost_nano"], row["currency"]),
            )
            for row in figures["by_gear"]
        ),
    )
    output.table(
        ("road", "trips", "cost"),
        (
            (row["road"], row["trips"], output.dollars(row["cost_nano"], row["currency"]))
            for row in figures["by_road"]
        ),
    )


@last_app.command()
def last(as_json: wishes.Json = False) -> None:
    """The last trip: its receipt and calls."""
    session.ready()
    from orchestrator.services.driving import trip_documents

    document = trip_documents.document(names.trip("last").pk)
    if as_json:
        output.write_json(document)
        return
    output.line(f"{document['id']} · {document['state']} · {document['headline']}")
    if document["error"]:
        output.line(document["error"])
    if document["receipt"]:
        route.show(document["receipt"])
    _show_legs(document)


def _show_legs(document: dict[str, Any]) -> None:
    output.table(
        ("call", "state", "in", "out", "cost", "first token", "seconds", "error"),
        (
            (
                leg["gear"],
                leg["state"],
                leg["input_tokens"],
                leg["output_tokens"],
                output.dollars(leg["cost_nano"], leg["currency"]),
                "" if leg["first_token_s"] is None else f"{leg['first_token_s']:.2f}",
                "" if leg["seconds"] is None else f"{leg['seconds']:.2f}",
                leg["error"],
            )
            for leg in document["legs"]
        ),
    )


@replay_app.command()
def replay(
    trip: TripName = "last",
    drive: Annotated[bool, typer.Option("--run", help="Drive it again, too.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Decide a trip again with today's gears, and show what changed."""
    session.ready()
    from orchestrator.services.driving import replays, requests, trips

    row = names.trip(trip)
    if drive:
        request = requests.from_document(row.payload.request)
        again = trips.start(session.caller(), request)
        run.finish(run.drive(again.pk, "json" if as_json else "text"))
        return
    decided = replays.decide(session.caller(), row)
    if decided.problem:
        exits.leave(exits.FAILED, decided.problem)
    before, now, changes = decided.then, decided.now, decided.changes
    if as_json:
        output.write_json({"trip": str(row.pk), "changes": changes, "then": before, "now": now})
        return
    output.line(f"then: {before.get('line', 'no decision')}")
    output.line(f"now:  {now['line']}")
    output.line("The same decision." if not changes else f"Changed: {', '.join(changes)}.")


@rate_app.command()
def rate(
    trip: TripName,
    verdict: Annotated[str, typer.Argument(help="good, bad, overkill or too-slow")],
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    as_json: wishes.Json = False,
) -> None:
    """Say how good an answer was."""
    session.ready()
    from orchestrator.services.school import learning

    kinds = {"good": "good", "bad": "bad", "overkill": "overkill", "too-slow": "too_slow"}
    if verdict not in kinds:
        exits.leave(exits.USAGE, f"{verdict!r} is none of: {', '.join(kinds)}.")
    row = names.trip(trip)
    learning.rate(row.pk, row.user_id, kinds[verdict], note)
    if as_json:
        output.write_json({"trip": str(row.pk), "verdict": verdict})
    else:
        output.line(f"Noted: {verdict}.")


@reroute_app.command()
def reroute(trip: TripName, gear: wishes.Gear = "", as_json: wishes.Json = False) -> None:
    """Drive a trip again with another gear, and remember the correction."""
    session.ready()
    from dataclasses import replace

    from orchestrator.services.driving import requests, trips
    from orchestrator.services.school import learning

    if not gear:
        exits.leave(exits.USAGE, "Which gear?", "clutch reroute last --gear NAME")
    names.gear(gear)
    row = names.trip(trip)
    correction = learning.correct(row.pk, row.user_id, gear)
    request = requests.from_document(row.payload.request)
    again = replace(request, overrides=replace(request.overrides, gear=gear))
    started = trips.start(session.caller(), again)
    ended = run.drive(started.pk, "json" if as_json else "text")
    if correction.suggests_rule_for_road and not as_json:
        road = correction.suggests_rule_for_road
        output.note(
            f"You chose {gear} for this kind of task three times. "
            f"Always: clutch rules add {road}-{gear} --road {road} --gear {gear}"
        )
    run.finish(ended)
