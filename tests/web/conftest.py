"""The cast of page tests: a driver, a stranger, an administrator, and trips of theirs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from orchestrator.models import Leg, Trip, TripPayload, User

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ATTACK = "<script>alert(1)</script>"
MakeTrip = Callable[..., Trip]


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password="correct horse battery")


@pytest.fixture
def eve(db: None) -> User:
    return User.objects.create_user("eve")


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def page(ada: User) -> Client:
    """A browser in which Ada is signed in."""
    return signed_in(ada)


@pytest.fixture
def stranger(eve: User) -> Client:
    return signed_in(eve)


@pytest.fixture
def make_trip(ada: User) -> MakeTrip:
    def make(user: User = ada, **fields: Any) -> Trip:
        texts = {name: fields.pop(name) for name in ("answer", "receipt") if name in fields}
        known = {"state": Trip.State.DONE, "headline": "a task", "source": Trip.Source.PAGE}
        trip = Trip.objects.create(
            user=user, deadline_at=NOW, **{"created_at": NOW, **known, **fields}
        )
        TripPayload.objects.create(trip=trip, request={}, **texts)
        return trip

    return make


def add_leg(trip: Trip, **fields: Any) -> Leg:
    known = {"gear": "demo-1", "level": 1, "provider": "demo", "model_id": "demo-1"}
    return Leg.objects.create(
        trip=trip, throttle=50, started_at=NOW, state=Leg.State.DONE, **{**known, **fields}
    )
