"""What is shown of a run: lanes of rows, swarms of items, and its money."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from orchestrator.models import Trip
from orchestrator.services.driving.quotes import duration

# The word and the shape of each state: never the colour alone.
STATES = {
    "waiting": ("Waiting", "queued"),
    "driving": ("Driving", "driving"),
    "retrying": ("Retrying", "again"),
    "done": ("Done", "done"),
    "failed": ("Failed", "failed"),
    "held": ("Held", "paused"),
    "cancelled": ("Cancelled", "stopped"),
}


@dataclass(slots=True)
class Row:
    """One place: a step, a role, or what makes one answer of many."""

    path: str
    name: str
    lane: str = ""
    state: str = "waiting"
    gear: str = ""
    calls: int = 0
    cost_nano: int = 0
    seconds: float = 0.0
    error: str = ""

    @property
    def word(self) -> str:
        return STATES[self.state][0]

    @property
    def icon(self) -> str:
        return STATES[self.state][1]


@dataclass(slots=True)
class Swarm:
    """`cells` holds number and state of every item, where they are few enough to show."""

    path: str
    name: str
    lane: str
    total: int
    done: int
    failed: int
    driving: int = 0
    cost_nano: int = 0
    cells: list[tuple[int, str]] = field(default_factory=list)
    failures: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.total - self.done - self.failed

    @property
    def done_percent(self) -> float:
        return 100 * self.done / self.total if self.total else 0.0

    @property
    def failed_percent(self) -> float:
        return 100 * self.failed / self.total if self.total else 0.0


@dataclass(slots=True)
class Lane:
    title: str
    rows: list[Row] = field(default_factory=list)
    swarms: list[Swarm] = field(default_factory=list)


@dataclass(slots=True)
class Money:
    spent_nano: int
    held_nano: int
    cap_nano: int | None

    @property
    def percent(self) -> float:
        return min(100.0, 100 * self.spent_nano / self.cap_nano) if self.cap_nano else 0.0


@dataclass(slots=True)
class Board:
    trip: Trip
    lanes: list[Lane]
    money: Money

    @property
    def rows(self) -> Iterable[Row]:
        return (row for lane in self.lanes for row in lane.rows)

    @property
    def swarms(self) -> list[Swarm]:
        return [swarm for lane in self.lanes for swarm in lane.swarms]

    @property
    def total(self) -> int:
        return sum(1 for _ in self.rows) + sum(swarm.total for swarm in self.swarms)

    @property
    def done(self) -> int:
        ended = sum(row.state == "done" for row in self.rows)
        return ended + sum(swarm.done for swarm in self.swarms)

    @property
    def failed(self) -> int:
        ended = sum(row.state == "failed" for row in self.rows)
        return ended + sum(swarm.failed for swarm in self.swarms)

    @property
    def failed_items(self) -> int:
        return sum(swarm.failed for swarm in self.swarms)

    @property
    def time(self) -> str:
        """How long it took, or what is left as a range."""
        trip = self.trip
        if trip.is_final and trip.started_at and trip.finished_at:
            return duration((trip.finished_at - trip.started_at).total_seconds())
        left = self.seconds_left
        return f"{duration(left[0])} to {duration(left[1])}" if left else "–"

    @property
    def seconds_left(self) -> tuple[float, float] | None:
        """From the pace so far, as a range; None before there is any or when nothing drives."""
        began, ended = self.trip.started_at, self.done + self.failed
        if began is None or self.trip.state != Trip.State.DRIVING or not ended:
            return None
        each_s = (timezone.now() - began).total_seconds() / ended
        left_s = each_s * (self.total - ended)
        return left_s * 0.8, left_s * 1.5
