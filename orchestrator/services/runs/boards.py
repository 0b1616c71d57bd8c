"""A run as it stands, out of the database: its lanes, its swarms, its money and what is left."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from orchestrator.models import Leg, Reservation, Step, Trip, TripEvent
from orchestrator.patterns import plans
from orchestrator.patterns.plans import Outline, Part, RunPlan
from orchestrator.patterns.swarm import MOST_CELLS
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import requests, steps
from orchestrator.services.driving.quotes import duration

FAILURES_SHOWN = 50
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


def plan_of(trip: Trip) -> RunPlan | None:
    """The plan as it was ordered; None for a plan that could not be read."""
    request = requests.from_document(trip.payload.request)
    try:
        return requests.run_plan(Pattern(trip.pattern), request)
    except requests.RequestRefused:
        return None


def part_at(trip: Trip, path: str) -> Part | None:
    """What a place was told: those of a swarm's items and of a second try are one."""
    plan = plan_of(trip)
    asked = swarm_of(path) or path.removesuffix(".again")
    found = (place.part for place in plans.places(plan) if place.path == asked) if plan else ()
    return next(iter(found), None)


def task_of(trip: Trip) -> str:
    return requests.from_document(trip.payload.request).text


def of(trip: Trip) -> Board:
    spent = _spent(trip)
    lanes: dict[str, Lane] = {}
    for row in _rows(trip, spent):
        lanes.setdefault(row.lane, Lane(row.lane)).rows.append(row)
    for swarm in _swarms(trip, spent):
        lanes.setdefault(swarm.lane, Lane(swarm.lane)).swarms.append(swarm)
    return Board(trip, _in_order(lanes, trip), money_of(trip))


def _in_order(lanes: dict[str, Lane], trip: Trip) -> list[Lane]:
    plan = plan_of(trip)
    planned = list(dict.fromkeys(place.lane for place in plans.places(plan))) if plan else []
    known = [lanes.pop(title) for title in planned if title in lanes]
    return [*known, *lanes.values()]


def money_of(trip: Trip) -> Money:
    """What is held now is not spent yet, and counts against the cap all the same."""
    legs = Leg.objects.filter(trip=trip)
    spent = legs.aggregate(sum=Sum("cost_nano"))["sum"] or 0
    held = Reservation.objects.filter(leg__trip=trip, state=Reservation.State.HELD)
    return Money(spent, held.aggregate(sum=Sum("amount_nano"))["sum"] or 0, trip.cap_nano)


@dataclass(slots=True)
class _Spent:
    calls: int = 0
    cost_nano: int = 0
    seconds: float = 0.0
    driving: int = 0
    attempt: int = 1
    gear: str = ""


def _spent(trip: Trip) -> dict[str, _Spent]:
    """By place; what was spent on the items of a swarm counts for the swarm as one."""
    found: dict[str, _Spent] = defaultdict(_Spent)
    rows = (
        Leg.objects.filter(trip=trip)
        .order_by()
        .values("path", "gear")
        .annotate(
            calls=Count("id"),
            cost=Sum("cost_nano"),
            took=Sum("seconds"),
            driving=Count("id", filter=Q(state=Leg.State.DRIVING)),
            attempt=Max("attempt"),
        )
    )
    for row in rows.iterator(chunk_size=2_000):
        path = swarm_of(row["path"]) or row["path"]
        spent = found[path]
        spent.calls += row["calls"]
        spent.cost_nano += row["cost"] or 0
        spent.seconds += row["took"] or 0.0
        spent.driving += row["driving"]
        spent.attempt = max(spent.attempt, row["attempt"])
        spent.gear = row["gear"]
    return found


def swarm_of(path: str) -> str:
    """The swarm that a path belongs to, or nothing."""
    before, mark, _ = path.rpartition("items.")
    return f"{before}items" if mark else ""


def _rows(trip: Trip, spent: dict[str, _Spent]) -> list[Row]:
    plan = plan_of(trip)
    outline = [place for place in plans.places(plan) if place.swarm is None] if plan else []
    rows = {place.path: Row(place.path, place.name, place.lane) for place in outline}
    lane_of = _Lanes(outline)
    for path, name, state, error in _told(trip):
        row = rows.setdefault(path, Row(path, name, lane_of(path)))
        row.name, row.state, row.error = name, state, error
    kept = Step.objects.filter(trip=trip, parent="", state=Step.State.DONE)
    for path, name, gear in kept.values_list("path", "name", "gear"):
        row = rows.setdefault(path, Row(path, name, lane_of(path)))
        row.state, row.gear, row.error = "done", gear, ""
    for row in rows.values():
        _fill(row, trip, spent.get(row.path, _Spent()))
    return sorted(rows.values(), key=lambda row: natural(row.path))


class _Lanes:
    """The lane of a place that no plan named: that of its neighbours in the same phase."""

    def __init__(self, outline: list[Outline]) -> None:
        self._known = {_phase(place.path): place.lane for place in outline}

    def __call__(self, path: str) -> str:
        return self._known.get(_phase(path), "")


def _phase(path: str) -> str:
    return path[: path.rfind("p") + 2] if "p" in path else ""


def natural(path: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (10**6, part) for part in path.split(".")]


def _told(trip: Trip) -> list[tuple[str, str, str, str]]:
    """The last word of the log about each place; places of a lead's team stand nowhere else."""
    events = TripEvent.objects.filter(trip=trip, kind="step_moved").order_by("seq")
    last: dict[str, tuple[str, str, str, str]] = {}
    for payload in events.values_list("payload", flat=True):
        path = payload["path"]
        last[path] = (path, payload["name"], payload["state"], payload["error"])
    return list(last.values())


def _fill(row: Row, trip: Trip, spent: _Spent) -> None:
    row.calls, row.cost_nano, row.seconds = spent.calls, spent.cost_nano, spent.seconds
    row.gear = row.gear or spent.gear
    if row.state == "driving":
        row.state = _unless_over(trip, "retrying" if spent.attempt > 1 else "driving")
    elif row.state == "waiting":
        row.state = _unless_over(trip, "waiting")


def _unless_over(trip: Trip, state: str) -> str:
    if trip.state == Trip.State.PAUSED:
        return "held" if state != "waiting" else state
    return "cancelled" if trip.is_final else state


def _swarms(trip: Trip, spent: dict[str, _Spent]) -> list[Swarm]:
    plan = plan_of(trip)
    planned = {place.path: place for place in plans.places(plan) if place.swarm} if plan else {}
    items = Step.objects.filter(trip=trip).exclude(parent="")
    laid_out = set(items.order_by().values_list("parent", flat=True).distinct())
    return [
        _swarm(trip, path, planned.get(path), spent.get(path, _Spent()))
        for path in sorted(laid_out | set(planned), key=natural)
    ]


def _swarm(trip: Trip, path: str, place: Outline | None, spent: _Spent) -> Swarm:
    counts = steps.tally(trip.pk, path)
    name, lane = (place.name, place.lane) if place else ("items", "")
    swarm = Swarm(path, name, lane, counts.total, counts.done, counts.failed)
    swarm.driving, swarm.cost_nano = spent.driving, spent.cost_nano
    swarm.failures = failures(trip, path)
    if 0 < counts.total <= MOST_CELLS:
        swarm.cells = _cells(trip, path)
    return swarm


def _cells(trip: Trip, path: str) -> list[tuple[int, str]]:
    """An item that waits is driven while one of its calls is open."""
    open_legs = Leg.objects.filter(trip=trip, state=Leg.State.DRIVING, path__startswith=f"{path}.")
    driven = {steps.place_of(each) for each in open_legs.values_list("path", flat=True)}
    rows = Step.objects.filter(trip=trip, parent=path).order_by("number")
    over = "cancelled" if trip.is_final else "waiting"
    return [
        (number, "driving" if own in driven else over if state == "waiting" else state)
        for number, own, state in rows.values_list("number", "path", "state")
    ]


def failures(
    trip: Trip, path: str, after: int = 0, most: int = FAILURES_SHOWN
) -> list[tuple[int, str, str]]:
    rows = Step.objects.filter(
        trip=trip, parent=path, state=Step.State.FAILED, number__gt=after
    ).order_by("number")
    return [
        (number, " ".join(given.split())[:120], error)
        for number, given, error in rows.values_list("number", "given", "error")[:most]
    ]


def document(board: Board) -> dict[str, Any]:
    """The same for a program."""
    trip = board.trip
    return {
        "run": str(trip.pk),
        "pattern": trip.pattern,
        "state": trip.state,
        "task": trip.headline,
        "error_code": trip.error_code,
        "error": trip.error,
        "total": board.total,
        "done": board.done,
        "failed": board.failed,
        "spent_nano": board.money.spent_nano,
        "held_nano": board.money.held_nano,
        "cap_nano": board.money.cap_nano,
        "currency": trip.currency,
        "seconds_left": board.seconds_left,
        "places": [
            {
                "path": row.path,
                "lane": row.lane,
                "name": row.name,
                "state": row.state,
                "gear": row.gear,
                "calls": row.calls,
                "cost_nano": row.cost_nano,
                "error": row.error,
            }
            for row in board.rows
        ],
        "swarms": [
            {
                "path": swarm.path,
                "name": swarm.name,
                "lane": swarm.lane,
                "total": swarm.total,
                "done": swarm.done,
                "failed": swarm.failed,
                "failures": [
                    {"number": number, "item": item, "error": error}
                    for number, item, error in swarm.failures
                ],
            }
            for swarm in board.swarms
        ],
    }
