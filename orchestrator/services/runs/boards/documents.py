"""A board for a program."""

from typing import Any

from orchestrator.services.runs.boards.shapes import Board


def document(board: Board) -> dict[str, Any]:
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
