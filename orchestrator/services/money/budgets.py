"""Limits that people set: defaults, changes, grants. What is shown of them: `overviews`."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from orchestrator.models import Budget, BudgetPeriod, Currency, Grant, User
from orchestrator.services.money import accounts, changes, periods

Scope = Budget.Scope
Period = Budget.Period

NANO = 10**9
MAX_USD = 1_000_000
AMOUNT = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,9}))?")


class InvalidAmount(ValueError):
    """A text that is no amount of money; the message says what is."""


class Edited(RuntimeError):
    """It is not any more what the person saw who changes it."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The limits of a new installation, in nano-dollars."""

    day_nano: int
    month_nano: int


FOR_ONE = Defaults(day_nano=2 * NANO, month_nano=20 * NANO)
FOR_A_TEAM = Defaults(day_nano=50 * NANO, month_nano=500 * NANO)


def ensure_defaults(defaults: Defaults = FOR_ONE) -> None:
    """Give the installation its limits, in dollars and the same in demo dollars.

    Limits that exist stay as they are, also those that somebody removed. A team installation
    starts with `FOR_A_TEAM`. Every command asks this, so it writes only where one is missing:
    a write would wait for whoever is writing already.
    """
    limits = {Period.DAY: defaults.day_nano, Period.MONTH: defaults.month_nano}
    known = set(Budget.objects.filter(scope=Scope.GLOBAL).values_list("period", "currency"))
    missing = [
        Budget(scope=Scope.GLOBAL, period=period, currency=currency, limit_nano=limit_nano)
        for currency in Currency
        for period, limit_nano in limits.items()
        if (period.value, currency.value) not in known
    ]
    if missing:
        Budget.objects.bulk_create(missing, ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class Place:
    """What makes a budget: whose it is, for how long, in which money."""

    scope: str
    scope_id: str
    period: str
    currency: str = Currency.USD

    def row(self) -> Budget:
        return Budget(
            scope=Scope(self.scope),
            scope_id=_owner(self.scope, self.scope_id),
            period=Period(self.period),
            currency=Currency(self.currency),
        )

    def rows(self) -> QuerySet[Budget]:
        return Budget.objects.filter(
            scope=self.scope,
            scope_id=self.scope_id,
            period=self.period,
            currency=self.currency,
        )


def set_limit(
    scope: str,
    scope_id: str,
    period: str,
    limit_nano: int | None,
    currency: str = Currency.USD,
    now: datetime | None = None,
) -> Budget:
    """Set or lift (None) a limit, also for the running period.

    Below what is held already, holds stay and new ones are refused until there is room again.
    """
    return put(Place(scope, scope_id, period, currency), limit_nano, changes.NOBODY, now)


def put(
    place: Place, limit_nano: int | None, by: changes.Author, now: datetime | None = None
) -> Budget:
    """The same with who did it and why; a budget that was removed is there again."""
    if limit_nano is not None:
        check_amount(limit_nano, lowest=0)
    wanted = place.row()
    with transaction.atomic():
        # Budgets before periods: the order in which everybody locks.
        Budget.objects.bulk_create([wanted, *_counter(place)], ignore_conflicts=True)
        same = place.rows()
        before = same.values_list("limit_nano", flat=True).get()
        same.update(
            limit_nano=limit_nano,
            removed_at=None,
            revision=F("revision") + 1,
            updated_at=timezone.now(),
        )
        budget = same.get()
        _move_running(budget, limit_nano, now)
        if place.scope != Scope.PROFILE:
            changes.record(budget, changes.Kind.SET, by, before=before, after=limit_nano)
    return budget


def edit(budget: Budget, limit_nano: int | None, seen: int, by: changes.Author) -> Budget:
    """Change what somebody saw at revision `seen`; raises `Edited` if it has moved since."""
    place = Place(budget.scope, budget.scope_id, budget.period, budget.currency)
    with transaction.atomic():
        same = Budget.objects.filter(pk=budget.pk, revision=seen, removed_at=None)
        if not same.update(revision=F("revision") + 1):
            raise Edited("Somebody else changed this budget meanwhile; nothing was changed.")
        return put(place, limit_nano, by)


def _counter(place: Place) -> list[Budget]:
    """A month's forecast is read from its days, so each month has days that only count."""
    if place.period != Period.MONTH:
        return []
    day = replace(place, period=Period.DAY.value).row()
    day.removed_at = timezone.now()
    return [day]


def remove(budget: Budget, by: changes.Author, now: datetime | None = None) -> None:
    """It binds nobody from now on; what is held in it stays booked."""
    with transaction.atomic():
        Budget.objects.filter(pk=budget.pk).update(
            limit_nano=None,
            removed_at=timezone.now(),
            revision=F("revision") + 1,
            updated_at=timezone.now(),
        )
        _move_running(budget, None, now)
        changes.record(budget, changes.Kind.REMOVED, by, before=budget.limit_nano)


def _move_running(budget: Budget, limit_nano: int | None, now: datetime | None) -> None:
    running = BudgetPeriod.objects.filter(budget=budget, refills_at__gt=now or timezone.now())
    running.update(limit_nano=limit_nano)


def grant(
    budget: Budget, amount_nano: int, note: str, user: User | None, now: datetime | None = None
) -> Grant:
    """Extra money for the running period only; the limit itself stays."""
    check_amount(amount_nano, lowest=1)
    now = now or timezone.now()
    with transaction.atomic():
        accounts.open_periods([budget.pk], now)
        running = BudgetPeriod.objects.filter(budget=budget, key=periods.key(budget.period, now))
        running.update(granted_nano=F("granted_nano") + amount_nano)
        changes.record(budget, changes.Kind.GRANTED, changes.Author(user, note), after=amount_nano)
        return Grant.objects.create(
            period=running.get(), amount_nano=amount_nano, note=note[:200], made_by=user
        )


def raise_for_good(budget: Budget, amount_nano: int, by: changes.Author) -> Budget:
    """More in this period and in all to come, whatever somebody else sets at the same moment."""
    check_amount(amount_nano, lowest=1)
    with transaction.atomic():
        room = Budget.objects.filter(pk=budget.pk, removed_at=None)
        if not room.filter(limit_nano__lte=MAX_USD * NANO - amount_nano).update(
            limit_nano=F("limit_nano") + amount_nano,
            revision=F("revision") + 1,
            updated_at=timezone.now(),
        ):
            raise InvalidAmount("This budget has no limit to raise, or the new one is too high.")
        budget.refresh_from_db()
        _move_running(budget, budget.limit_nano, None)
        before = (budget.limit_nano or 0) - amount_nano
        changes.record(budget, changes.Kind.RAISED, by, before=before, after=budget.limit_nano)
    return budget


def parse_usd(text: str) -> int:
    """Nano-dollars of a plain decimal such as `2` or `2.50`."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        raise InvalidAmount(
            f"{text[:40]!r} is not an amount. Write dollars with a point, such as 2 or 2.50."
        )
    whole, fraction = match.groups(default="")
    return check_amount(int(whole) * NANO + int(fraction.ljust(9, "0")), lowest=0)


def check_amount(amount_nano: int, *, lowest: int) -> int:
    if not lowest <= amount_nano <= MAX_USD * NANO:
        raise InvalidAmount(
            f"Amounts are from {'0' if lowest == 0 else 'more than 0'} to {MAX_USD:,} dollars."
        )
    return amount_nano


def _owner(scope: str, scope_id: str) -> str:
    if (scope == Scope.GLOBAL) != (scope_id == ""):
        raise ValueError("Only the global budget has no owner; every other one names its own.")
    return scope_id
