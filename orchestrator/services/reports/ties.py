"""Whether the daily sums are what the trips and calls say: asked by the doctor."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from orchestrator.models import Leg, Trip, UsageDay
from orchestrator.services.reports import rollups
from orchestrator.services.reports.rollups import DAY

Key = tuple[date, str]
NAMES = ("trips", "compared_nano", "calls", "cost_nano", "input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class Difference:
    day: date
    currency: str
    grain: str
    name: str
    told: int
    raw: int


def differences() -> list[Difference]:
    """What does not tie at first sight is looked at again while nobody counts."""
    suspects = sorted({found.day for found in _compare(Q(), Q())})
    return [found for day in suspects for found in _recheck(day)]


def _recheck(day: date) -> list[Difference]:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    within = Q(created_at__gte=begin, created_at__lt=begin + DAY)
    with transaction.atomic():
        rollups.lock()
        if Trip.objects.filter(rollups.UNCOUNTED, within).exists():
            return []
        return list(_compare(within, Q(day=day)))


def _compare(within: Q, on_day: Q) -> Iterator[Difference]:
    trips = Trip.objects.filter(within, state__in=Trip.FINAL)
    raw = _raw(trips)
    for grain in UsageDay.Grain:
        told = _told(UsageDay.objects.filter(on_day, grain=grain))
        for key in sorted({*raw, *told}):
            for name in NAMES:
                pair = told[key].get(name, 0), raw[key].get(name, 0)
                if pair[0] != pair[1]:
                    yield Difference(*key, grain.name.lower(), name, *pair)


def _raw(trips: Any) -> dict[Key, dict[str, int]]:
    compared = Q(state=Trip.State.DONE, baseline_nano__isnull=False)
    by_trip = trips.annotate(day=TruncDate("created_at", tzinfo=UTC)).values("day", "currency")
    sums = by_trip.annotate(n_trips=Count("pk"), n_compared_nano=Sum("cost_nano", filter=compared))
    legs = Leg.objects.filter(trip__in=trips.order_by().values("pk"))
    by_leg = legs.annotate(day=TruncDate("trip__created_at", tzinfo=UTC)).values("day", "currency")
    called = by_leg.annotate(
        n_calls=Count("pk"), **{f"n_{name}": Sum(name) for name in NAMES if name in LEG_SUMS}
    )
    return _merged([*sums.order_by(), *called.order_by()])


LEG_SUMS = ("cost_nano", "input_tokens", "output_tokens")


def _told(rows: Any) -> dict[Key, dict[str, int]]:
    sums = rows.order_by().values("day", "currency")
    return _merged(sums.annotate(**{f"n_{name}": Sum(name) for name in NAMES}))


def _merged(rows: Iterable[Any]) -> dict[Key, dict[str, int]]:
    found: dict[Key, dict[str, int]] = defaultdict(dict)
    for row in rows:
        figures = {name[2:]: value or 0 for name, value in row.items() if name.startswith("n_")}
        found[(row["day"], row["currency"])] |= figures
    return found
