"""A team with an owner, a member and a viewer, and somebody outside; all of them signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from orchestrator.models import Leg, Membership, Team, Trip, TripPayload, User

NOW = datetime.now(UTC)
# Within this month and its UTC day, whatever the hour of the test.
AT = NOW.replace(hour=0, minute=0, second=1, microsecond=0)
MakeTrip = Callable[..., Trip]


@dataclass
class Cast:
    team: Team
    owner: User
    member: User
    viewer: User
    stranger: User

    def client(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client


@pytest.fixture
def people(db: None) -> Cast:
    team = Team.objects.create(name="Kernel")
    users = {name: User.objects.create_user(name) for name in ("owner", "member", "viewer", "eve")}
    for name in ("owner", "member", "viewer"):
        Membership.objects.create(user=users[name], team=team, role=name)
    outside = Team.objects.create(name="Outside")
    Membership.objects.create(user=users["eve"], team=outside, role="owner")
    return Cast(team, users["owner"], users["member"], users["viewer"], users["eve"])


def drive(user: User, cost_nano: int = 1_000_000_000, **fields: Any) -> Trip:
    known = {
        "state": Trip.State.DONE, "source": "page", "gear": "g1", "road": "lane",
        "headline": f"secret of {user.username}", "created_at": AT, "started_at": AT,
        "finished_at": AT + timedelta(seconds=2), "deadline_at": AT, "cost_nano": cost_nano,
    }  # fmt: skip
    receipt = fields.pop("receipt", None)
    trip = Trip.objects.create(user=user, **{**known, **fields})
    TripPayload.objects.create(trip=trip, request={}, answer="secret answer", receipt=receipt)
    Leg.objects.create(
        trip=trip, gear=trip.gear, level=1, provider="p1", model_id="m", throttle=50,
        state=Leg.State.DONE, started_at=AT, cost_nano=cost_nano, currency=trip.currency,
    )  # fmt: skip
    return trip
