"""Drivers, budgets and legs for tests of money."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from orchestrator.models import Leg, Trip, User
from orchestrator.services.money import budgets
from orchestrator.services.money.ledger import Hold

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_driver(name: str = "ada") -> User:
    return User.objects.create(username=name)


def make_legs(user: User, count: int) -> list[UUID]:
    trip = Trip.objects.create(
        user=user, source=Trip.Source.CLI, deadline_at=NOW + timedelta(hours=1), created_at=NOW
    )
    legs = [
        Leg(
            trip=trip,
            path=str(number),
            gear="demo-1",
            level=1,
            provider="demo",
            model_id="demo-1",
            throttle=50,
            started_at=NOW,
        )
        for number in range(count)
    ]
    return [leg.pk for leg in Leg.objects.bulk_create(legs)]


def make_hold(user: User, amount_nano: int, leg_id: UUID | None = None, **rest: Any) -> Hold:
    values: dict[str, Any] = {
        "leg_id": leg_id or make_legs(user, 1)[0],
        "user_id": user.pk,
        "amount_nano": amount_nano,
        "currency": "usd",
        "expires_at": NOW + timedelta(minutes=15),
        **rest,
    }
    return Hold(**values)


def set_limits(limits: Iterable[tuple[str, str, str, int | None]], currency: str = "usd") -> None:
    for scope, scope_id, period, limit_nano in limits:
        budgets.set_limit(scope, scope_id, period, limit_nano, currency, now=NOW)
