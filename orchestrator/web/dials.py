"""Dials as SVG: half a circle from empty (left) to full (right), drawn with numbers only."""

from dataclasses import dataclass
from math import cos, pi, sin

WIDTH, HEIGHT = 200, 112
CENTRE_X, CENTRE_Y, RADIUS = 100.0, 100.0, 80.0
NEEDLE = 58.0
TICK_FROM, TICK_TO = 71.0, 91.0
LABEL_AT = 97.0
# Two pixels of the surface between neighbours: no four colours all contrast with each other.
GAP = 2 / (pi * RADIUS)


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    path: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Tick:
    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Needle:
    x: float
    y: float


def arc(start: float, end: float) -> str:
    """Between two shares of the half circle, 0 at the left and 1 at the right."""
    x1, y1 = _point(start, RADIUS)
    x2, y2 = _point(end, RADIUS)
    return f"M{x1} {y1}A{RADIUS:g} {RADIUS:g} 0 0 1 {x2} {y2}"


def segment(name: str, start: float, end: float, *, is_active: bool = False) -> Segment:
    first = start + GAP / 2 if start > 0 else start
    last = end - GAP / 2 if end < 1 else end
    return Segment(name, arc(first, last), is_active)


def tick(share: float, label: str) -> Tick:
    return Tick(*_point(share, TICK_FROM), *_point(share, TICK_TO), label, *_point(share, LABEL_AT))


def needle(share: float) -> Needle:
    return Needle(*_point(min(1.0, max(0.0, share)), NEEDLE))


def _point(share: float, radius: float) -> tuple[float, float]:
    angle = pi * (1 - share)
    return round(CENTRE_X + radius * cos(angle), 2), round(CENTRE_Y - radius * sin(angle), 2)
