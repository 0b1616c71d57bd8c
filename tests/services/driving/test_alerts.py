"""Alerts after a trip: far more tokens than usual, far dearer than needed, and never twice."""

from typing import Any

import pytest
from django.utils import timezone

from orchestrator.models import Alert, Leg, Trip, TripPayload
from orchestrator.services.driving import alerts
from orchestrator.services.people.identity import Caller

pytestmark = pytest.mark.django_db
RECEIPT: dict[str, Any] = {
    "is_pinned": False,
    "expected_quality": 0.8,
    "candidates": [
        {"gear": "dear", "cost_nano": 90_000_000, "quality": 0.9, "left_out": ""},
        {"gear": "fair", "cost_nano": 4_000_000, "quality": 0.82, "left_out": ""},
        {"gear": "weak", "cost_nano": 1_000_000, "quality": 0.4, "left_out": ""},
        {"gear": "gone", "cost_nano": 1_000_000, "quality": 0.9, "left_out": "no key"},
    ],
}


def a_trip(caller: Caller, cost_nano: int = 50_000_000, **receipt: object) -> Trip:
    now = timezone.now()
    trip = Trip.objects.create(
        user_id=caller.user_id,
        source="cli",
        state="done",
        road="highway",
        gear="dear",
        cost_nano=cost_nano,
        created_at=now,
        deadline_at=now,
    )
    TripPayload.objects.create(trip=trip, request={}, receipt={**RECEIPT, **receipt})
    return trip


def a_leg(trip: Trip, output_tokens: int, expected: int = 0) -> Leg:
    return Leg.objects.create(
        trip=trip,
        path=str(trip.legs.count() + 1),
        gear="dear",
        level=3,
        provider="p",
        model_id="m",
        throttle=50,
        state="done",
        started_at=timezone.now(),
        output_tokens=output_tokens,
        expected_output_tokens=expected,
    )


def test_a_trip_far_dearer_than_needed_names_what_would_have_done(caller: Caller) -> None:
    alerts.after(a_trip(caller))
    alert = Alert.objects.get()
    assert (alert.kind, alert.subject) == ("overkill", "dear")
    assert "12 times what fair was expected to cost" in alert.message
    assert "clutch reroute" in alert.message


@pytest.mark.parametrize(
    ("cost_nano", "receipt"),
    [
        (19_000_000, {}),  # less than five times
        (50_000_000, {"is_pinned": True}),  # asked for by hand
        (9_000_000, {"candidates": [{**RECEIPT["candidates"][1], "cost_nano": 1}]}),  # pennies
        (50_000_000, {"candidates": []}),
    ],
)
def test_what_is_no_waste_raises_nothing(
    caller: Caller, cost_nano: int, receipt: dict[str, object]
) -> None:
    alerts.after(a_trip(caller, cost_nano, **receipt))
    assert not Alert.objects.exists()


def test_far_more_tokens_than_usual_are_told(caller: Caller) -> None:
    trip = a_trip(caller, cost_nano=0)
    a_leg(trip, output_tokens=1_999, expected=1_000)
    alerts.after(trip)
    assert not Alert.objects.exists()
    a_leg(trip, output_tokens=2_000, expected=1_000)
    alerts.after(trip)
    assert "2,000 tokens for a task where it usually writes 1,000" in Alert.objects.get().message


def test_the_same_again_replaces_the_open_alert(caller: Caller) -> None:
    alerts.after(a_trip(caller))
    alerts.after(a_trip(caller, cost_nano=80_000_000))
    assert "20 times" in Alert.objects.get().message
    Alert.objects.update(dismissed_at=timezone.now())
    alerts.after(a_trip(caller))
    assert Alert.objects.filter(dismissed_at=None).count() == 1


def test_usual_is_known_after_twenty_calls(caller: Caller) -> None:
    trip = a_trip(caller)
    for _ in range(alerts.MIN_LEGS - 1):
        a_leg(trip, output_tokens=100)
    assert alerts.expected_output_tokens("highway", "dear") == 0
    alerts.cache.clear()
    a_leg(trip, output_tokens=300)
    assert alerts.expected_output_tokens("highway", "dear") == 110
