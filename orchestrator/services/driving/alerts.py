"""What a person should hear of after a trip: far more tokens than usual, or far more money."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count
from django.utils import timezone

from orchestrator.models import Alert, Leg, Trip, TripPayload
from orchestrator.routing import fuel, health

MEMORY = timedelta(days=30)
# Below this many calls an average says too little.
MIN_LEGS = 20
CACHE_S = 60
# A difference of less than a cent is nobody's worry, however many times it is.
MIN_OVERKILL_NANO = 10_000_000
EXPLOSION, OVERKILL = "token_explosion", "overkill"


def expected_output_tokens(road: str, gear: str) -> int:
    """What this gear usually writes on this road; 0 while that is not known."""
    key = f"usual-output:{road}:{gear}"
    known: int | None = cache.get(key)
    if known is None:
        legs = Leg.objects.filter(
            gear=gear,
            trip__road=road,
            state=Leg.State.DONE,
            started_at__gte=timezone.now() - MEMORY,
        ).aggregate(count=Count("id"), usual=Avg("output_tokens"))
        known = round(legs["usual"]) if legs["count"] >= MIN_LEGS else 0
        cache.set(key, known, CACHE_S)
    return known


def after(trip: Trip) -> None:
    for leg in trip.legs.filter(state=Leg.State.DONE):
        if health.is_token_explosion(leg.output_tokens, leg.expected_output_tokens):
            _explosion(trip, leg)
    receipt = TripPayload.objects.filter(pk=trip.pk).values_list("receipt", flat=True).first()
    if receipt and trip.state == Trip.State.DONE and not receipt.get("is_pinned"):
        _overkill(trip, receipt)


def _explosion(trip: Trip, leg: Leg) -> None:
    _raise(
        EXPLOSION,
        leg.gear,
        f"{leg.gear} wrote {leg.output_tokens:,} tokens for a task where it usually writes "
        f"{leg.expected_output_tokens:,}. Lower the throttle, or ask for a shorter answer.",
        trip,
    )


def _overkill(trip: Trip, receipt: Mapping[str, Any]) -> None:
    """Dearer by far than the cheapest that was expected to do as well."""
    target = min(receipt.get("expected_quality", 1.0), 1.0)
    good_enough = [
        candidate
        for candidate in receipt.get("candidates", [])
        if not candidate["left_out"] and candidate["cost_nano"] and candidate["quality"] >= target
    ]
    cheapest = min(good_enough, key=lambda candidate: candidate["cost_nano"], default=None)
    if cheapest is None or trip.cost_nano < MIN_OVERKILL_NANO:
        return
    score = health.overkill_score(trip.cost_nano, cheapest["cost_nano"])
    if score >= health.OVERKILL_SCORE:
        _raise(
            OVERKILL,
            trip.gear,
            f"{trip.gear} cost {fuel.dollars(trip.cost_nano)}, {score:.0f} times what "
            f"{cheapest['gear']} was expected to cost and do as well. "
            f"Compare: clutch reroute {trip.pk} --gear {cheapest['gear']}",
            trip,
        )


def _raise(kind: str, subject: str, message: str, trip: Trip) -> None:
    """One open alert of a kind about a gear: the newest case replaces the one before."""
    mine = Alert.objects.filter(kind=kind, subject=subject, dismissed_at=None)
    mine = mine.filter(trip__user_id=trip.user_id)
    if not mine.update(message=message[:500], trip=trip):
        Alert.objects.create(kind=kind, subject=subject, message=message[:500], trip=trip)
