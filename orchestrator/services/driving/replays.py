"""Trips decided again with today's gears, roads and budgets; nothing is sent, nothing is kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.models import Trip
from orchestrator.services.driving import planning, requests
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller

FIELDS = ("gear", "throttle", "pattern", "estimated_cost_nano", "expected_quality")
TITLES = {
    "gear": "gear",
    "throttle": "throttle",
    "pattern": "pattern",
    "estimated_cost_nano": "estimated cost",
    "expected_quality": "expected quality",
}
MOST = 50


@dataclass(frozen=True, slots=True)
class Replay:
    """`problem` says why a trip of before cannot be decided again."""

    trip: Trip
    then: Mapping[str, Any]
    now: Mapping[str, Any]
    problem: str = ""

    @property
    def changes(self) -> dict[str, dict[str, Any]]:
        if self.problem:
            return {}
        return {
            name: {"then": self.then.get(name), "now": self.now.get(name)}
            for name in FIELDS
            if self.then.get(name) != self.now.get(name)
        }

    @property
    def titles(self) -> list[str]:
        return [TITLES[name] for name in self.changes]

    @property
    def is_other_gear(self) -> bool:
        return "gear" in self.changes


def decide(caller: Caller, trip: Trip) -> Replay:
    then = trip.payload.receipt or {}
    try:
        request = requests.from_document(trip.payload.request)
        return Replay(trip, then, planning.preview(caller, request))
    except (KeyError, TypeError):  # a document of another version
        return Replay(trip, then, {}, "What was asked is not kept in a form that can be read.")
    except RequestRefused as refused:
        return Replay(trip, then, {}, str(refused))


def decide_all(caller: Caller, trips: Iterable[Trip]) -> Iterator[Replay]:
    return (decide(caller, trip) for trip in trips)


def line(found: list[Replay]) -> str:
    gears = sum(each.is_other_gear for each in found)
    pairs = [
        (each.then.get("estimated_cost_nano"), each.now.get("estimated_cost_nano"))
        for each in found
    ]
    known = [(then, now) for then, now in pairs if then is not None and now is not None]
    before, after = (sum(pair[place] for pair in known) for place in (0, 1))
    cost = f", estimated cost {after / before - 1:+.0%}".replace("-", "−") if before else ""
    return f"Of {len(found)} decisions, {gears} would choose another gear today{cost}."
