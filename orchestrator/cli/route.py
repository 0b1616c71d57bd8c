"""`clutch route`: the decision without the drive."""

import sys
from typing import Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes

app = typer.Typer(add_completion=False)
apps = {"route": app}


@app.command()
def route(
    context: typer.Context,
    text: Annotated[
        list[str] | None, typer.Argument(help="The task; - reads it from a pipe.")
    ] = None,
    gear: wishes.Gear = "",
    throttle: wishes.Throttle = None,
    road: wishes.Road = "",
    pattern: wishes.Pattern = "",
    profile: wishes.Profile = "",
    policy: wishes.Policy = "",
    as_json: wishes.Json = False,
) -> None:
    """Say which gear a task would get and why; nothing is sent."""
    session.ready()
    from orchestrator.services.driving import planning, requests

    wished = wishes.Wishes(gear, throttle, road, pattern, profile, policy)
    try:
        request = wished.request(read_text(text))
        receipt = planning.preview(session.caller(), request)
    except requests.RequestRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    if as_json:
        output.write_json(receipt)
    else:
        show(receipt)
    if receipt["refused"]:
        exits.leave(exits.status_for(receipt["code"]), receipt["message"], receipt["next_step"])


def read_text(words: list[str] | None) -> str:
    if words == ["-"] or (not words and not sys.stdin.isatty()):
        try:
            return sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError:
            exits.leave(exits.USAGE, "What was piped in is not UTF-8 text. Convert it first.")
    return " ".join(words or [])


def show(receipt: dict[str, Any]) -> None:
    output.line(receipt["line"])
    if receipt["refused"]:
        _show_candidates(receipt)
        return
    for reason in receipt["because"]:
        output.line(f"  · {reason['text']}")
    for warning in receipt["warnings"]:
        output.line(f"  ! {warning}")
    budget = receipt["budget"]
    if budget:
        output.line(
            f"  {receipt['zone']} zone: {output.dollars(budget['left_nano'])} left of "
            f"{output.dollars(budget['limit_nano'])} for this {budget['period']}"
        )
    if receipt["baseline_nano"] is not None:
        output.line(
            f"  {receipt['baseline_gear']} would have cost "
            f"≈ {output.dollars(receipt['baseline_nano'])}"
        )
    _show_candidates(receipt)


def _show_candidates(receipt: dict[str, Any]) -> None:
    """Those that could have been chosen, then the others behind what they lack."""
    chosen = receipt.get("gear")
    able = [row for row in receipt["candidates"] if row["gear"] == chosen or not row["left_out"]]
    if able:
        output.table(
            ("", "gear", "level", "quality", "cost", "seconds"),
            (
                (
                    "→" if row["gear"] == chosen else "",
                    row["gear"],
                    f"G{row['level']}",
                    f"{row['quality']:.0%}",
                    output.dollars(row["cost_nano"]),
                    f"{row['seconds']:.1f}",
                )
                for row in able
            ),
        )
    lacking: dict[str, list[str]] = {}
    for row in receipt["candidates"]:
        if row not in able:
            lacking.setdefault(row["left_out"], []).append(row["gear"])
    for reason, gears in lacking.items():
        output.line(f"  – {', '.join(gears)}: {reason}")
