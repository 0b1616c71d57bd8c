"""What one process of the ledger benchmark does; Django is set up before this is imported."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

from django.utils import timezone

from orchestrator.models import Leg, Trip, User
from orchestrator.services.money import budgets, ledger
from orchestrator.services.money.budgets import NANO
from orchestrator.services.money.ledger import BudgetExhausted, Closing, Hold

LEGS_AT_ONCE = 20_000
HOLD_NANO, COST_NANO = 1_000, 700


def prepare(mode: str, batch: int) -> Callable[[], int]:
    """Legs are made beforehand, so that only the ledger is measured."""
    user, _ = User.objects.get_or_create(username=f"driver-{os.getpid()}")
    for period in ("day", "month"):
        budgets.set_limit("global", "", period, 1_000_000 * NANO)
        budgets.set_limit("user", str(user.pk), period, 1_000_000 * NANO)
    holds = _holds(user)

    def one() -> int:
        hold = next(holds, None)
        if hold is None:
            return 0
        ledger.settle(ledger.reserve(hold).pk, COST_NANO)
        return 1

    def many() -> int:
        results = ledger.reserve_many(list(islice(holds, batch)))
        admitted = [each for each in results if not isinstance(each, BudgetExhausted)]
        ledger.settle_many([Closing(each.pk, actual_nano=COST_NANO) for each in admitted])
        return len(admitted)

    return one if mode == "single" else many


def _holds(user: User) -> Iterator[Hold]:
    now = timezone.now()
    trip = Trip.objects.create(
        user=user, source=Trip.Source.CLI, deadline_at=now + timedelta(hours=1), created_at=now
    )
    legs = [
        Leg(
            trip=trip,
            path=str(number),
            gear="g",
            level=1,
            provider="p",
            model_id="m",
            throttle=50,
            started_at=now,
        )
        for number in range(LEGS_AT_ONCE)
    ]
    ids = [leg.pk for leg in Leg.objects.bulk_create(legs, batch_size=1000)]
    return (
        Hold(
            leg_id=leg_id,
            user_id=user.pk,
            amount_nano=HOLD_NANO,
            currency="usd",
            expires_at=now + timedelta(minutes=15),
            provider="p",
            road="r",
        )
        for leg_id in ids
    )
