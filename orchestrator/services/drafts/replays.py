"""What the draft would have done with the latest trips: decided again twice, nothing is sent.

Both decisions are made in the same world with full budgets, so they differ by the draft alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.models import Trip
from orchestrator.patterns.registry import PATTERNS
from orchestrator.routing.types import Conditions, Fleet, Plan, Refusal
from orchestrator.services.drafts import fleets
from orchestrator.services.driving import planning, requests, trips
from orchestrator.services.driving.planning import World
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.people.identity import Caller
from orchestrator.services.school import learning
from orchestrator.services.setup import fleet

MOST = 200
# How a road was found that the task's own words do not show again.
NOT_FROM_WORDS = frozenset({"inherited", "tool loop", "closing words", "classifier"})


@dataclass(frozen=True, slots=True)
class Moved:
    """One trip that the draft would decide otherwise."""

    trip: Trip
    old: str
    new: str
    old_road: str
    new_road: str
    old_nano: int | None
    new_nano: int | None

    def document(self) -> dict[str, Any]:
        return {
            "trip": str(self.trip.pk),
            "gear": [self.old, self.new],
            "road": [self.old_road, self.new_road],
            "estimated_cost_nano": [self.old_nano, self.new_nano],
        }


@dataclass(frozen=True, slots=True)
class Replay:
    """`old_nano` and `new_nano` add up the estimates of those trips that have both."""

    trips: int
    moved: tuple[Moved, ...]
    old_nano: int
    new_nano: int
    unknown: int

    @property
    def cost_change(self) -> float | None:
        return None if not self.old_nano else self.new_nano / self.old_nano - 1

    @property
    def line(self) -> str:
        gears = sum(each.old != each.new for each in self.moved)
        if not self.trips:
            return "There are no trips to replay yet."
        cost = "cost unknown" if self.cost_change is None else f"cost {self.cost_change:+.0%}"
        told = cost.replace("-", "−").replace("%", " %")
        trips_told = "1 trip" if self.trips == 1 else f"{self.trips} trips"
        line = f"Of {trips_told}, {gears} {'changes' if gears == 1 else 'change'} gear, {told}."
        return f"{line} {self.unknown} could not be priced." if self.unknown else line

    def document(self) -> dict[str, Any]:
        return {
            "trips": self.trips,
            "changed_gear": sum(each.old != each.new for each in self.moved),
            "cost_change": self.cost_change,
            "estimated_cost_nano": [self.old_nano, self.new_nano],
            "not_priced": self.unknown,
            "moved": [each.document() for each in self.moved],
        }


@dataclass(frozen=True, slots=True)
class _Choice:
    gear: str
    road: str
    cost_nano: int | None


def replay(most: int = MOST) -> Replay:
    live, drafted = _worlds()
    moved, count, old_nano, new_nano, unknown = [], 0, 0, 0, 0
    for trip, request in _latest(most):
        caller = replace(trips.caller_of(trip), is_owner_at_machine=False)
        old = _choice(caller, request, live)
        new = _choice(caller, request, drafted)
        count += 1
        if old.cost_nano is None or new.cost_nano is None:
            unknown += 1
        else:
            old_nano, new_nano = old_nano + old.cost_nano, new_nano + new.cost_nano
        if (old.gear, old.road) != (new.gear, new.road):
            roads = (old.road, new.road)
            costs = (old.cost_nano, new.cost_nano)
            moved.append(Moved(trip, old.gear, new.gear, *roads, *costs))
    return Replay(count, tuple(moved), old_nano, new_nano, unknown)


def _worlds() -> tuple[World, World]:
    calm = Conditions(unavailable=fleet.availability(), learned=learning.learned())
    wished: Fleet = fleets.drafted()
    return World(fleet.snapshot(), calm, explores=False), World(wished, calm, explores=False)


def _latest(most: int) -> Iterator[tuple[Trip, TripRequest]]:
    rows = Trip.objects.filter(state=Trip.State.DONE).exclude(payload=None).order_by("-pk")
    for trip in rows.select_related("payload")[:most].iterator(chunk_size=20):
        try:
            request = requests.from_document(trip.payload.request)
        except (KeyError, TypeError, ValueError):
            continue  # written by an earlier version of the program
        if request.text:
            yield trip, _alone(trip, request)


def _alone(trip: Trip, request: TripRequest) -> TripRequest:
    """Without what it came after; a road that only that explains is kept as it was."""
    road = (trip.payload.receipt or {}).get("road") or {}
    overrides = request.overrides
    if road.get("method") in NOT_FROM_WORDS and not overrides.road:
        overrides = replace(overrides, road=trip.road)
    if overrides.pattern is not None and overrides.pattern not in PATTERNS:
        overrides = replace(overrides, pattern=None)
    return replace(request, overrides=overrides, answers=None, follows=None, run=None)


def _choice(caller: Caller, request: TripRequest, within: World) -> _Choice:
    known = {road.name for road in within.fleet.roads}
    if request.overrides.road and request.overrides.road not in known:
        request = replace(request, overrides=replace(request.overrides, road=""))
    try:
        decision: Plan | Refusal = planning.decide(caller, request, seed="replay", within=within)
    except RequestRefused:
        return _Choice("", "", None)
    if isinstance(decision, Refusal):
        return _Choice("", decision.match.road.name if decision.match else "", None)
    chosen = decision.chosen
    return _Choice(chosen.gear.name, decision.match.road.name, chosen.cost_nano)
