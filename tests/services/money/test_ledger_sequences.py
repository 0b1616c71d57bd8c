"""Any sequence of holds, closings, grants and limits keeps the books in order."""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from orchestrator.models import Budget, BudgetPeriod, Reservation
from orchestrator.services.money import budgets, ledger
from orchestrator.services.money.ledger import BudgetExhausted, Closing, Hold, Kind
from tests.services import books
from tests.services.drivers import NOW, make_driver, make_legs

LEGS = 400
DRIVERS = count(1)
AMOUNTS = st.integers(0, 60)
PROVIDERS = st.sampled_from(["", "a", "b"])
PLACES = [
    ("global", "", "day"),
    ("global", "", "month"),
    ("provider", "a", "day"),
    ("road", "r", "day"),
]
BUDGETS = st.sampled_from(PLACES)


class Money(RuleBasedStateMachine):
    """Runs inside a transaction that is rolled back after each sequence."""

    reservations = Bundle("reservations")

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.user = make_driver(f"driver-{next(DRIVERS)}")
        self.legs = iter(make_legs(self.user, LEGS))
        for scope, scope_id, period in PLACES:
            budgets.set_limit(scope, scope_id, period, 150, now=self.now)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def hold(self, amount_nano: int, provider: str) -> Hold:
        return Hold(
            leg_id=next(self.legs),
            user_id=self.user.pk,
            amount_nano=amount_nano,
            currency="usd",
            expires_at=self.now,
            provider=provider,
            road="r",
        )

    def has_room(self, hold: Hold) -> bool:
        """Worked out from the rows, not by the code under test."""
        names = {"global": "", "provider": hold.provider, "road": hold.road}
        keys = [f"{self.now:%Y-%m-%d}@UTC", f"{self.now:%Y-%m}@UTC"]
        for budget in Budget.objects.all():
            row = BudgetPeriod.objects.filter(budget=budget, key__in=keys).first()
            limit_nano = row.limit_nano if row else budget.limit_nano
            if names[budget.scope] != budget.scope_id or limit_nano is None:
                continue
            used = row.spent_nano + row.reserved_nano - row.granted_nano if row else 0
            if hold.amount_nano and used + hold.amount_nano > limit_nano:
                return False
        return True

    @rule(target=reservations, amount_nano=AMOUNTS, provider=PROVIDERS)
    def reserve(self, amount_nano: int, provider: str) -> object:
        hold = self.hold(amount_nano, provider)
        fits = self.has_room(hold)
        try:
            reservation = ledger.reserve(hold, self.now)
        except BudgetExhausted:
            assert not fits
            return multiple()
        assert fits
        return reservation.pk

    @rule(target=reservations, wanted=st.lists(st.tuples(AMOUNTS, PROVIDERS), max_size=5))
    def reserve_many(self, wanted: list[tuple[int, str]]) -> object:
        holds = [self.hold(*each) for each in wanted]
        singly = self.admitted_singly(holds)
        results = ledger.reserve_many(holds, self.now)
        admitted = [each for each in results if isinstance(each, Reservation)]
        assert [isinstance(each, Reservation) for each in results] == singly
        return multiple(*(each.pk for each in admitted))

    def admitted_singly(self, holds: list[Hold]) -> list[bool]:
        admitted = []
        with transaction.atomic():
            for hold in holds:
                admitted.append(self.has_room(hold))
                if admitted[-1]:
                    ledger.reserve(hold, self.now)
            transaction.set_rollback(True)
        return admitted

    @rule(
        wanted=st.lists(
            st.tuples(reservations, st.sampled_from(["settle", "unknown", "release"]), AMOUNTS),
            max_size=4,
        )
    )
    def close(self, wanted: list[tuple[UUID, str, int]]) -> None:
        closings = [Closing(pk, Kind(kind), actual_nano) for pk, kind, actual_nano in wanted]
        booked = ledger.settle_many(closings)
        assert ledger.settle_many(closings) == booked

    @rule(target=reservations, old=reservations, amount_nano=AMOUNTS, provider=PROVIDERS)
    def move(self, old: UUID, amount_nano: int, provider: str) -> object:
        try:
            return ledger.move(old, self.hold(amount_nano, provider), self.now).pk
        except BudgetExhausted:
            return multiple()

    @rule(place=BUDGETS, limit_nano=st.none() | st.integers(0, 300))
    def limit(self, place: tuple[str, str, str], limit_nano: int | None) -> None:
        budgets.set_limit(*place, limit_nano, now=self.now)

    @rule(place=BUDGETS, amount_nano=st.integers(1, 50))
    def grant(self, place: tuple[str, str, str], amount_nano: int) -> None:
        scope, scope_id, period = place
        budget = Budget.objects.get(scope=scope, scope_id=scope_id, period=period)
        budgets.grant(budget, amount_nano, "more", self.user, now=self.now)

    @rule(hours=st.sampled_from([-1, 1, 12, 24 * 15]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def books_tie(self) -> None:
        # Limits were lowered and calls overran; that each admission had room is checked above.
        assert books.faults(books.rows(), may_overrun=True) == []


@pytest.mark.django_db
def test_any_sequence_keeps_the_books_in_order() -> None:
    run_state_machine_as_test(
        Money, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )
