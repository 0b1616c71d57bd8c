"""What a run has spent and holds, and what each of its places has."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Max, Q, Sum

from orchestrator.models import Leg, Reservation, Trip
from orchestrator.services.runs.boards.shapes import Money


def money_of(trip: Trip) -> Money:
    """What is held now is not spent yet, and counts against the cap all the same."""
    legs = Leg.objects.filter(trip=trip)
    spent = legs.aggregate(sum=Sum("cost_nano"))["sum"] or 0
    held = Reservation.objects.filter(leg__trip=trip, state=Reservation.State.HELD)
    return Money(spent, held.aggregate(sum=Sum("amount_nano"))["sum"] or 0, trip.cap_nano)


@dataclass(slots=True)
class Spent:
    calls: int = 0
    cost_nano: int = 0
    seconds: float = 0.0
    driving: int = 0
    attempt: int = 1
    gear: str = ""


def by_place(trip: Trip) -> dict[str, Spent]:
    """By place; what was spent on the items of a swarm counts for the swarm as one."""
    found: dict[str, Spent] = defaultdict(Spent)
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
