"""The rows of a run: what its plan names, what its log tells, and what is kept."""

from orchestrator.models import Step, Trip, TripEvent
from orchestrator.patterns import plans
from orchestrator.patterns.plans import Outline, Part, RunPlan
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import requests
from orchestrator.services.runs.boards.shapes import Row
from orchestrator.services.runs.boards.spending import Spent, swarm_of


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


def rows_of(trip: Trip, spent: dict[str, Spent]) -> list[Row]:
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
        _fill(row, trip, spent.get(row.path, Spent()))
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


def _fill(row: Row, trip: Trip, spent: Spent) -> None:
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
