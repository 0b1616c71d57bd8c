"""`clutch prompt test`: a prompt with inputs on several gears, priced before it is driven."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from orchestrator.cli import completions, exits, names, output, prompt_values, run, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Prompt, PromptTrial, PromptVersion
    from orchestrator.services.prompts.trials.grids import Result
    from orchestrator.services.prompts.trials.quotes import Quote, Wanted

MAX_INPUT_BYTES = 4 * 1024 * 1024


def try_prompt(
    name: completions.PromptName,
    values: prompt_values.Values = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="A JSON list of objects, one for each input.")
    ] = None,
    gear: Annotated[
        list[str] | None,
        typer.Option("--gear", "-g", help="Again for each.", autocompletion=completions.gears),
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="Not the one in use.")
    ] = None,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="The baseline's inputs and gears.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it as the baseline.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Drive it at this price.")] = False,
    as_json: wishes.Json = False,
) -> None:
    """Price a test drive, and drive it with --yes."""
    session.ready()
    from orchestrator.services.prompts.trials import driving, quotes

    prompt = names.prompt(name)
    chosen = names.prompt_version(prompt, version)
    baseline = _baseline(prompt) if rerun else None
    if baseline is not None:
        wanted = driving.again(baseline, chosen)
    else:
        wanted = _wanted(chosen, values, inputs, tuple(gear or ()))
    try:
        quote = quotes.price(session.caller(), wanted)
        if not _is_agreed(quote, yes=yes, as_json=as_json):
            return
        trial = driving.start(session.caller(), quote, uuid4(), baseline)
    except quotes.TrialRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    _drive(trial)
    if keep:
        driving.keep_as_baseline(trial)
    _tell(trial, as_json=as_json)
    if not trial.cells.filter(trip__state="done").exists():
        exits.leave(exits.FAILED, "None of these gears answered.")


def _baseline(prompt: "Prompt") -> "PromptTrial":
    from orchestrator.services.people import signin
    from orchestrator.services.prompts.trials import driving

    found = driving.baseline_of(prompt, signin.ensure_owner())
    if found is None:
        hint = f"Keep one: clutch prompt test {prompt.name} --gear GEAR --keep --yes"
        exits.leave(exits.USAGE, f"{prompt.name} has no baseline yet.", hint)
    return found


def _wanted(
    version: "PromptVersion",
    values: list[str] | None,
    inputs: Path | None,
    gears: tuple[str, ...],
) -> "Wanted":
    from orchestrator.prompting import template
    from orchestrator.services.prompts.trials.quotes import Wanted

    fields = template.parse(version.text).fields
    given = prompt_values.read(fields, values)
    rows = [each | given for each in _inputs(inputs)] if inputs is not None else [given]
    return Wanted(version, tuple(rows), gears)


def _inputs(file: Path) -> list[dict[str, str]]:
    from orchestrator import json_input

    try:
        data = file.read_bytes()[: MAX_INPUT_BYTES + 1]
        found = json_input.parse(data, max_bytes=MAX_INPUT_BYTES)
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    except json_input.InvalidJson as invalid:
        exits.leave(exits.USAGE, f"{file} is no JSON: {invalid}")
    rows = found if isinstance(found, list) else []
    tables = [each for each in rows if isinstance(each, dict)]
    if not rows or len(tables) < len(rows):
        exits.leave(exits.USAGE, f'{file} is no list of objects such as [{{"name": "value"}}].')
    return [{name: str(value) for name, value in each.items()} for each in tables]


def _is_agreed(quote: "Quote", *, yes: bool, as_json: bool) -> bool:
    """Without --yes a person at a terminal is asked; otherwise the price is all there is."""
    if yes:
        return True
    if as_json:
        output.write_json(_price(quote))
        return False
    output.table(
        ("input", "gear", "price"),
        (
            (cell.row + 1, cell.gear, cell.problem or f"≈ {output.dollars(*_cost(cell))}")
            for cell in quote.cells
        ),
    )
    output.line(f"{len(quote.drivable)} calls, {_money(quote.totals)}.")
    for warning in quote.warnings:
        output.line(warning)
    if sys.stdin.isatty():
        return typer.confirm("Drive it?", err=True)
    output.line("Nothing was sent. Drive it at this price: --yes")
    return False


def _cost(cell: Any) -> tuple[int | None, str]:
    return cell.cost_nano, cell.currency


def _money(totals: dict[str, int]) -> str:
    return " and ".join(f"≈ {output.dollars(nano, name)}" for name, nano in totals.items()) or "$0"


def _price(quote: "Quote") -> dict[str, Any]:
    fields = ("row", "gear", "cost_nano", "currency", "problem")
    cells = [{name: getattr(cell, name) for name in fields} for cell in quote.cells]
    return {
        "is_driven": False,
        "version": quote.wanted.version.number,
        "calls": len(quote.drivable),
        "expected_nano": quote.totals,
        "unpriced": quote.unpriced,
        "warnings": list(quote.warnings),
        "cells": cells,
    }


def _drive(trial: "PromptTrial") -> None:
    """Cell by cell. Ctrl-C stops the one that is driven and all that wait."""
    from orchestrator.services.prompts.trials import driving

    cells = [(cell, cell.trip_id) for cell in trial.cells.all() if cell.trip_id is not None]
    was_interrupted = False
    for number, (cell, trip_id) in enumerate(cells, 1):
        output.note(f"{number}/{len(cells)} input {cell.row + 1} on {cell.gear} …")
        last = run.drive(trip_id, "silent")
        if last.get("was_interrupted") and not was_interrupted:
            was_interrupted = True
            driving.stop(trial)
    if was_interrupted:
        exits.leave(exits.INTERRUPTED, "Stopped. What was answered until then is kept.")


def _tell(trial: "PromptTrial", *, as_json: bool) -> None:
    from orchestrator.services.prompts.trials import driving, grids

    trial = driving.own(trial.user).get(pk=trial.pk)
    if as_json:
        output.write_json(grids.document(trial) | {"is_driven": True})
        return
    grid = grids.of(trial)
    for row in grid.rows:
        values = ", ".join(f"{name}={value[:40]!r}" for name, value in row.values.items())
        output.line(f"\nInput {row.number}{f': {values}' if values else ''}")
        for result in row.results:
            _tell_result(result)
    output.line(f"\n{_money(grid.spent)} spent, {_money(grid.expected)} expected.")


def _tell_result(result: "Result") -> None:
    cost = output.dollars(result.cost_nano, result.currency)
    took = f" · {result.seconds:.1f} s" if result.seconds is not None else ""
    output.line(f"\n── {result.gear} · {result.state} · {cost}{took}")
    output.line(result.answer or result.problem or "There is no text in this answer.")
    if result.before is not None:
        output.line("── the baseline said")
        output.line(result.before.answer or result.before.problem)
