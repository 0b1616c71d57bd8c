"""The driving school: what people and outcomes say about a trip, and the counts decisions read."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from orchestrator.models import Outcome, Posterior, Trip
from orchestrator.routing.types import Learned
from orchestrator.services.reports import labels

FADE_PER_DAY = 0.95
MEMORY = timedelta(days=30)
# Below this many trips a road's counts say too little to move a decision.
MIN_TRIPS = 5
# What each kind of outcome adds to (good, bad). Silence is a weak yes.
WEIGHTS: Mapping[str, tuple[float, float]] = {
    Outcome.Kind.GOOD: (1.0, 0.0),
    Outcome.Kind.BAD: (0.0, 1.0),
    Outcome.Kind.CORRECTED: (0.0, 1.0),
    Outcome.Kind.TOO_SLOW: (0.0, 0.3),
    Outcome.Kind.OVERKILL: (0.5, 0.0),
    "": (0.2, 0.0),
}
EQUAL_CORRECTIONS = 3


def rate(trip_id: UUID, user_id: int, kind: str, note: str = "") -> Outcome:
    """One opinion per person and trip; a later one replaces the earlier."""
    outcome, _ = Outcome.objects.update_or_create(
        trip_id=trip_id,
        user_id=user_id,
        defaults={"kind": Outcome.Kind(kind), "note": note[:500], "gear": ""},
    )
    labels.recount(trip_id)
    return outcome


def toggle(trip_id: UUID, user_id: int, kind: str) -> str:
    """The opinion that holds now: the same one twice takes it back."""
    if Outcome.objects.filter(trip_id=trip_id, user_id=user_id, kind=kind).delete()[0]:
        labels.recount(trip_id)
        return ""
    return rate(trip_id, user_id, kind).kind


@dataclass(frozen=True, slots=True)
class Correction:
    outcome: Outcome
    # Set when the same correction was made often enough to become a rule.
    suggests_rule_for_road: str = ""


def correct(trip_id: UUID, user_id: int, gear: str) -> Correction:
    """A person wanted another gear for this trip."""
    trip = Trip.objects.get(pk=trip_id)
    outcome, _ = Outcome.objects.update_or_create(
        trip_id=trip_id,
        user_id=user_id,
        defaults={"kind": Outcome.Kind.CORRECTED, "gear": gear},
    )
    labels.recount(trip_id)
    equal = Outcome.objects.filter(
        kind=Outcome.Kind.CORRECTED,
        gear=gear,
        trip__road=trip.road,
        created_at__gte=timezone.now() - MEMORY,
    ).count()
    return Correction(outcome, trip.road if equal >= EQUAL_CORRECTIONS else "")


@dataclass(frozen=True, slots=True)
class Training:
    trips: int
    posteriors: int


def train(now: datetime | None = None) -> Training:
    """Count the last 30 days anew, fading by the day; the old counts are replaced whole."""
    now = now or timezone.now()
    counts: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0])
    total = 0
    for trip in _trips_to_learn_from(now):
        total += 1
        _count(counts[(trip.road, trip.gear)], trip, now)
    rows = [
        Posterior(
            road=road,
            gear=gear,
            good=good,
            bad=bad,
            latency_s=latency_sum / trips,
            trips=int(trips),
            trained_at=now,
        )
        for (road, gear), (good, bad, latency_sum, trips) in counts.items()
    ]
    with transaction.atomic():
        Posterior.objects.all().delete()
        Posterior.objects.bulk_create(rows)
    cache.delete(CACHE_KEY)
    return Training(total, len(rows))


def _trips_to_learn_from(now: datetime) -> "list[Trip]":
    """Answered trips of real gears; pins teach nothing about choosing, exploration stays apart."""
    trips = Trip.objects.filter(
        state=Trip.State.DONE, finished_at__gte=now - MEMORY, is_exploration=False, currency="usd"
    )
    return list(trips.exclude(road="").prefetch_related("outcomes").order_by("id"))


def _count(counts: list[float], trip: Trip, now: datetime) -> None:
    ended, began = trip.finished_at or now, trip.started_at or trip.created_at
    weight = FADE_PER_DAY ** ((now - ended).total_seconds() / 86_400)
    for kind in [outcome.kind for outcome in trip.outcomes.all()] or [""]:
        good, bad = WEIGHTS[kind]
        counts[0] += weight * good
        counts[1] += weight * bad
    counts[2] += (ended - began).total_seconds()
    counts[3] += 1


CACHE_KEY = "learned"
CACHE_S = 30


def learned() -> Mapping[tuple[str, str], Learned]:
    """The counts that may move a decision, kept for half a minute per process."""
    known: Mapping[tuple[str, str], Learned] | None = cache.get(CACHE_KEY)
    if known is None:
        rows = Posterior.objects.filter(trips__gte=MIN_TRIPS)
        known = {(row.road, row.gear): Learned(row.good, row.bad, row.latency_s) for row in rows}
        cache.set(CACHE_KEY, known, CACHE_S)
    return known
