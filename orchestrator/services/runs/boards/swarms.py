"""The swarms of a run: how many items are done, which failed, and a cell for each where few."""

from orchestrator.models import Leg, Step, Trip
from orchestrator.patterns import plans
from orchestrator.patterns.plans import Outline
from orchestrator.patterns.swarm import MOST_CELLS
from orchestrator.services.driving import steps
from orchestrator.services.runs.boards.rows import natural, plan_of
from orchestrator.services.runs.boards.shapes import Swarm
from orchestrator.services.runs.boards.spending import Spent

FAILURES_SHOWN = 50


def swarms_of(trip: Trip, spent: dict[str, Spent]) -> list[Swarm]:
    plan = plan_of(trip)
    planned = {place.path: place for place in plans.places(plan) if place.swarm} if plan else {}
    items = Step.objects.filter(trip=trip).exclude(parent="")
    laid_out = set(items.order_by().values_list("parent", flat=True).distinct())
    return [
        _swarm(trip, path, planned.get(path), spent.get(path, Spent()))
        for path in sorted(laid_out | set(planned), key=natural)
    ]


def _swarm(trip: Trip, path: str, place: Outline | None, spent: Spent) -> Swarm:
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
