"""Charts as SVG, drawn with numbers only; every one has its table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 720.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 8.0, 10.0, 24.0
GAP_SHARE = 0.25
MOST_LABELS = 8
LINES = 4
NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    across: tuple[Mark, ...]
    along: tuple[Mark, ...]
    floor: float = HEIGHT - BOTTOM
    left: float = LEFT
    right: float = WIDTH - RIGHT


@dataclass(frozen=True, slots=True)
class Value:
    label: str
    amount: int
    title: str


def columns(values: Sequence[Value], unit: str = "$") -> Chart:
    """Upright bars over a floor of nothing; the scale ends at a round number."""
    top = round_top(max((value.amount for value in values), default=0))
    room, step = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / max(1, len(values))
    bars = []
    for place, value in enumerate(values):
        height = round(room * max(0, value.amount) / top, 2)
        x = LEFT + step * (place + GAP_SHARE / 2)
        bars.append(
            Bar(
                round(x, 2),
                round(HEIGHT - BOTTOM - height, 2),
                round(step * (1 - GAP_SHARE), 2),
                height,
                value.title,
            )
        )
    across = [
        Mark(round(HEIGHT - BOTTOM - room * line / LINES, 2), _amount(top * line / LINES, unit))
        for line in range(1, LINES + 1)
    ]
    every = -(-len(values) // MOST_LABELS) or 1
    along = [
        Mark(round(LEFT + step * (place + 0.5), 2), value.label)
        for place, value in enumerate(values)
        if place % every == 0
    ]
    return Chart(tuple(bars), tuple(across), tuple(along))


def round_top(most: int) -> int:
    """The next 1, 2, 4 or 10 times a power of ten, at least a ten-thousandth of a dollar."""
    least = max(most, NANO // 10_000)
    power = 10 ** floor(log10(least))
    return int(next(times * power for times in (1, 2, 4, 10) if times * power >= least))


def _amount(nano: float, unit: str) -> str:
    value = nano / NANO
    digits = 0 if value >= 100 else 2 if value >= 0.1 else 5
    return f"{unit}{value:,.{digits}f}"


def width_of(part: int, whole: int) -> float:
    """Of a hundred, for a bar that lies."""
    return round(100 * max(0, part) / whole, 1) if whole > 0 else 0.0
