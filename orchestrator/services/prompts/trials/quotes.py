"""What a test drive would cost: one version of a prompt with each input on each gear."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from orchestrator.models import PromptVersion
from orchestrator.prompting import template
from orchestrator.prompting.template import MissingValue
from orchestrator.routing.types import Overrides, Pattern
from orchestrator.services.driving import planning, requests
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.money import gauges
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet

MOST_INPUTS = 20
MOST_GEARS = 6
MOST_INPUT_CHARS = 1_000_000
CURRENCIES = ("usd", "demo")


class TrialRefused(ValueError):
    """The test drive cannot be priced or started; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    version: PromptVersion
    inputs: tuple[Mapping[str, str], ...]
    gears: tuple[str, ...]

    @property
    def mark(self) -> str:
        """The same for the same test drive, so that what was priced is what is started."""
        told = [self.version.pk, [dict(each) for each in self.inputs], self.gears]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Cell:
    """One input on one gear. A `problem` keeps it from being driven."""

    row: int
    gear: str
    request: TripRequest
    cost_nano: int | None = None
    currency: str = "usd"
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    wanted: Wanted
    cells: tuple[Cell, ...]
    warnings: tuple[str, ...] = ()

    @property
    def drivable(self) -> list[Cell]:
        return [cell for cell in self.cells if not cell.problem]

    @property
    def unpriced(self) -> int:
        return sum(cell.cost_nano is None for cell in self.drivable)

    @property
    def totals(self) -> dict[str, int]:
        """By currency: demo dollars are no dollars."""
        return totals((cell.currency, cell.cost_nano) for cell in self.drivable)

    @property
    def rows(self) -> list[list[Cell]]:
        gears = len(self.wanted.gears)
        return [list(self.cells[at : at + gears]) for at in range(0, len(self.cells), gears)]


def totals(costs: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    known = list(costs)
    found = {
        name: sum(cost or 0 for currency, cost in known if currency == name) for name in CURRENCIES
    }
    return {name: found[name] for name in found if any(currency == name for currency, _ in known)}


def price(caller: Caller, wanted: Wanted) -> Quote:
    """Nothing is stored and nothing is sent. Raises `TrialRefused`."""
    _check(wanted)
    texts = [_filled(wanted, row) for row in range(len(wanted.inputs))]
    cells = tuple(
        _cell(caller, row, gear, text) for row, text in enumerate(texts) for gear in wanted.gears
    )
    quote = Quote(wanted, cells)
    return replace(quote, warnings=tuple(_shortages(caller, quote.totals)))


def _shortages(caller: Caller, needed: Mapping[str, int]) -> Iterator[str]:
    """Each cell may fit a budget that all of them together do not."""
    for currency, total in needed.items():
        gauge = gauges.for_user_id(caller.user_id, caller.team_id, caller.token_id, currency)
        left = gauge["left_nano"] if gauge is not None else None
        if gauge is not None and left is not None and left < total:
            yield (
                f"{gauge['budget'].capitalize()} has {gauge['left']} left, less than all of it may "
                f"cost. What no longer fits is refused; the budget refills {gauge['refills']}."
            )


def _check(wanted: Wanted) -> None:
    if not wanted.gears:
        raise TrialRefused("Choose at least one gear.")
    if not wanted.inputs:
        raise TrialRefused("A test drive needs at least one input.")
    if len(wanted.gears) > MOST_GEARS or len(wanted.inputs) > MOST_INPUTS:
        raise TrialRefused(
            f"At most {MOST_INPUTS} inputs on {MOST_GEARS} gears are driven at once."
        )
    if sum(len(value) for each in wanted.inputs for value in each.values()) > MOST_INPUT_CHARS:
        raise TrialRefused(f"The inputs have more than {MOST_INPUT_CHARS:,} signs together.")
    known = {gear.name for gear in fleet.snapshot().gears}
    if unknown := [gear for gear in wanted.gears if gear not in known]:
        raise TrialRefused(f"There is no gear named {unknown[0]!r}.")
    if len(set(wanted.gears)) < len(wanted.gears):
        raise TrialRefused("Choose each gear once.")


def _filled(wanted: Wanted, row: int) -> str:
    try:
        text = template.parse(wanted.version.text).fill(wanted.inputs[row])
        return requests.clean_text(text)
    except (MissingValue, RequestRefused) as problem:
        raise TrialRefused(f"Input {row + 1}: {problem}") from problem


def _cell(caller: Caller, row: int, gear: str, text: str) -> Cell:
    wish = Overrides(gear=gear, pattern=Pattern.SINGLE)
    request = requests.from_text(text, overrides=wish)
    receipt = planning.preview(caller, request)
    if receipt["refused"]:
        return Cell(row, gear, request, problem=receipt["message"])
    currency = "demo" if receipt["is_demo"] else "usd"
    return Cell(row, gear, request, receipt["estimated_cost_nano"], currency)
