"""A run as it stands, out of the database: its lanes, its swarms, its money and what is left."""

from orchestrator.models import Trip
from orchestrator.patterns import plans
from orchestrator.services.runs.boards.documents import document
from orchestrator.services.runs.boards.rows import part_at, plan_of, rows_of, task_of
from orchestrator.services.runs.boards.shapes import Board, Lane, Money, Row, Swarm
from orchestrator.services.runs.boards.spending import by_place, money_of
from orchestrator.services.runs.boards.swarms import swarms_of

__all__ = [
    "Board",
    "Lane",
    "Money",
    "Row",
    "Swarm",
    "document",
    "money_of",
    "of",
    "part_at",
    "plan_of",
    "task_of",
]


def of(trip: Trip) -> Board:
    spent = by_place(trip)
    lanes: dict[str, Lane] = {}
    for row in rows_of(trip, spent):
        lanes.setdefault(row.lane, Lane(row.lane)).rows.append(row)
    for swarm in swarms_of(trip, spent):
        lanes.setdefault(swarm.lane, Lane(swarm.lane)).swarms.append(swarm)
    return Board(trip, _in_order(lanes, trip), money_of(trip))


def _in_order(lanes: dict[str, Lane], trip: Trip) -> list[Lane]:
    plan = plan_of(trip)
    planned = list(dict.fromkeys(place.lane for place in plans.places(plan))) if plan else []
    known = [lanes.pop(title) for title in planned if title in lanes]
    return [*known, *lanes.values()]
