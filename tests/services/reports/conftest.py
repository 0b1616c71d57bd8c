"""Trips as reports count them, of two people in two teams."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.models import Leg, Membership, Team, Trip, TripPayload, User

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MakeTrip = Callable[..., Trip]


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", email="ada@example.org")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def team(ada: User, bob: User) -> Team:
    made = Team.objects.create(name="Kernel")
    Membership.objects.create(user=ada, team=made, role="owner")
    Membership.objects.create(user=bob, team=made, role="member")
    return made


def drive(user: User, *, legs: tuple[dict[str, Any], ...] = ({},), **fields: Any) -> Trip:
    """An answered trip whose money and tokens are the sums of its calls, as in real life."""
    at = fields.pop("created_at", NOON)
    took_s = fields.pop("took_s", 3)
    known = {
        "state": Trip.State.DONE, "source": "page", "gear": "g1", "road": "lane",
        "started_at": at, "finished_at": at + timedelta(seconds=took_s),
    }  # fmt: skip
    trip = Trip.objects.create(user=user, created_at=at, deadline_at=at, **{**known, **fields})
    TripPayload.objects.create(trip=trip, request={})
    made = [_leg(trip, number, each) for number, each in enumerate(legs)]
    for name in ("cost_nano", "input_tokens", "cached_input_tokens", "output_tokens"):
        setattr(trip, name, sum(getattr(leg, name) for leg in made))
    trip.save()
    return trip


def _leg(trip: Trip, number: int, fields: dict[str, Any]) -> Leg:
    known = {
        "gear": trip.gear or "g1", "level": 1, "provider": "p1", "model_id": "m", "throttle": 50,
        "state": Leg.State.DONE, "cost_nano": 1_000, "input_tokens": 100, "output_tokens": 10,
        "currency": trip.currency, "path": str(number), "started_at": trip.created_at,
        "seconds": 2.0,
    }  # fmt: skip
    return Leg.objects.create(trip=trip, **{**known, **fields})


@pytest.fixture
def make_trip(ada: User) -> MakeTrip:
    return lambda user=ada, **fields: drive(user, **fields)
