"""What came of a test drive: its cells by input and gear, beside those of its baseline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.models import PromptTrial, PromptTrialCell, Trip
from orchestrator.services.prompts import differences
from orchestrator.services.prompts.differences import Line
from orchestrator.services.prompts.trials import quotes

PLAIN = (
    "gear", "state", "answer", "problem", "trip", "expected_nano", "cost_nano", "currency",
    "seconds", "output_tokens",
)  # fmt: skip
GONE = "Its trip is no longer kept."


@dataclass(frozen=True, slots=True)
class Result:
    gear: str
    state: str
    answer: str = ""
    problem: str = ""
    trip: str = ""
    expected_nano: int | None = None
    cost_nano: int = 0
    currency: str = "usd"
    seconds: float | None = None
    output_tokens: int = 0
    before: "Result | None" = None

    @property
    def is_final(self) -> bool:
        return self.state not in ("queued", "driving", "paused")

    @property
    def changes(self) -> list[Line]:
        """From the baseline's answer to this one."""
        return differences.between(self.before.answer, self.answer) if self.before else []

    @property
    def cost_change_nano(self) -> int | None:
        """Against the baseline, where both were answered in the same money."""
        if self.before is None or self.currency != self.before.currency:
            return None
        is_known = self.state == self.before.state == "done"
        return self.cost_nano - self.before.cost_nano if is_known else None


@dataclass(frozen=True, slots=True)
class GearSum:
    """One gear over all inputs that it answered."""

    gear: str
    answered: int
    asked: int
    cost_nano: int
    currency: str
    seconds: float | None
    before_nano: int | None


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    values: Mapping[str, str]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    rows: tuple[Row, ...]

    @property
    def results(self) -> list[Result]:
        return [result for row in self.rows for result in row.results]

    @property
    def is_going_on(self) -> bool:
        return not all(result.is_final for result in self.results)

    @property
    def done(self) -> int:
        return sum(result.is_final for result in self.results)

    @property
    def spent(self) -> dict[str, int]:
        driven = (result for result in self.results if result.trip)
        return quotes.totals((result.currency, result.cost_nano) for result in driven)

    @property
    def expected(self) -> dict[str, int]:
        driven = (result for result in self.results if result.trip)
        return quotes.totals((result.currency, result.expected_nano) for result in driven)

    @property
    def by_gear(self) -> list[GearSum]:
        gears = dict.fromkeys(result.gear for result in self.results)
        return [_sum(gear, [each for each in self.results if each.gear == gear]) for gear in gears]


def _sum(gear: str, results: list[Result]) -> GearSum:
    answered = [result for result in results if result.state == "done"]
    times = [result.seconds for result in answered if result.seconds is not None]
    rivals = [result.before for result in results if result.before is not None]
    return GearSum(
        gear=gear,
        answered=len(answered),
        asked=len(results),
        cost_nano=sum(result.cost_nano for result in results),
        currency=results[0].currency,
        seconds=sum(times) / len(times) if times else None,
        before_nano=sum(rival.cost_nano for rival in rivals) if rivals else None,
    )


def of(trial: PromptTrial) -> Grid:
    before = _by_input(trial.baseline) if trial.baseline is not None else {}
    rows: dict[int, list[Result]] = {row: [] for row in range(len(trial.inputs))}
    for cell in _cells(trial):
        rows[cell.row].append(_result(cell, before.get(_key(trial.inputs[cell.row], cell.gear))))
    return Grid(tuple(Row(row + 1, trial.inputs[row], tuple(found)) for row, found in rows.items()))


def _by_input(trial: PromptTrial) -> dict[str, Result]:
    """An input that was changed since has nothing to be compared with."""
    return {_key(trial.inputs[cell.row], cell.gear): _result(cell) for cell in _cells(trial)}


def _key(values: Mapping[str, str], gear: str) -> str:
    return json.dumps([gear, sorted(values.items())])


def _cells(trial: PromptTrial) -> list[PromptTrialCell]:
    return list(trial.cells.select_related("trip__payload").order_by("row", "pk"))


def _result(cell: PromptTrialCell, before: Result | None = None) -> Result:
    trip = cell.trip
    if trip is None:
        state = "refused" if cell.problem else "gone"
        return Result(cell.gear, state, problem=cell.problem or GONE, before=before)
    return Result(
        gear=cell.gear,
        state=trip.state,
        answer=trip.payload.answer,
        problem=trip.error,
        trip=str(trip.pk),
        expected_nano=cell.expected_nano,
        cost_nano=trip.cost_nano,
        currency=cell.currency,
        seconds=_seconds(trip),
        output_tokens=trip.output_tokens,
        before=before,
    )


def _seconds(trip: Trip) -> float | None:
    if trip.started_at is None or trip.finished_at is None:
        return None
    return (trip.finished_at - trip.started_at).total_seconds()


def document(trial: PromptTrial) -> dict[str, Any]:
    """For the command line's JSON."""
    grid = of(trial)
    return {
        "id": trial.pk,
        "prompt": trial.prompt.name,
        "version": trial.version.number,
        "is_baseline": trial.is_baseline,
        "baseline_version": trial.baseline.version.number if trial.baseline else None,
        "expected_nano": grid.expected,
        "cost_nano": grid.spent,
        "inputs": [
            {"values": dict(row.values), "results": [_plain(each) for each in row.results]}
            for row in grid.rows
        ],
    }


def _plain(result: Result) -> dict[str, Any]:
    plain = {name: getattr(result, name) for name in PLAIN}
    return plain | {"before": _plain(result.before) if result.before else None}
