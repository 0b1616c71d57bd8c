"""Limits that people set: defaults, changes, grants, and what the pages and commands show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orchestrator.models import ApiToken, Budget, BudgetPeriod, Currency, Grant, Team, User
from orchestrator.routing import fuel
from orchestrator.routing.types import BudgetView
from orchestrator.services.money import accounts, periods
from orchestrator.services.money.accounts import Account, Scopes
from orchestrator.services.people import audit
from orchestrator.services.people.audit import Area

Scope = Budget.Scope
Period = Budget.Period

NANO = 10**9
MAX_USD = 1_000_000
AMOUNT = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,9}))?")


class InvalidAmount(ValueError):
    """A text that is no amount of money; the message says what is."""


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


def set_limit(
    scope: str,
    scope_id: str,
    period: str,
    limit_nano: int | None,
    currency: str = Currency.USD,
    now: datetime | None = None,
) -> Budget:
    """Set or remove (None) a limit, also for the running period.

    Below what is held already, holds stay and new ones are refused until there is room again.
    """
    if limit_nano is not None:
        _check(limit_nano, lowest=0)
    wanted = Budget(
        scope=Scope(scope),
        scope_id=_owner(scope, scope_id),
        period=Period(period),
        currency=Currency(currency),
    )
    with transaction.atomic():
        # Budgets before periods: the order in which everybody locks.
        Budget.objects.bulk_create([wanted], ignore_conflicts=True)
        same = Budget.objects.filter(
            scope=scope, scope_id=scope_id, period=period, currency=currency
        )
        before = same.get().limit_nano
        same.update(limit_nano=limit_nano, updated_at=timezone.now())
        budget = same.get()
        audit.record(
            Area.BUDGETS,
            f"Limit of the {_subject(budget)}",
            before=_shown(before),
            after=_shown(limit_nano),
            team=_team_of(budget),
        )
        running = BudgetPeriod.objects.filter(budget=budget, refills_at__gt=now or timezone.now())
        running.update(limit_nano=limit_nano)
    return budget


def grant(
    budget: Budget, amount_nano: int, note: str, user: User | None, now: datetime | None = None
) -> Grant:
    """Extra money for the running period only; the limit itself stays."""
    _check(amount_nano, lowest=1)
    now = now or timezone.now()
    with transaction.atomic():
        accounts.open_periods([budget.pk], now)
        running = BudgetPeriod.objects.filter(budget=budget, key=periods.key(budget.period, now))
        running.update(granted_nano=F("granted_nano") + amount_nano)
        audit.record(
            Area.BUDGETS,
            f"Granted to the {_subject(budget)}",
            after=_shown(amount_nano),
            team=_team_of(budget),
        )
        return Grant.objects.create(
            period=running.get(), amount_nano=amount_nano, note=note[:200], made_by=user
        )


def _subject(budget: Budget) -> str:
    owner = f"{budget.scope} {budget.scope_id}".strip()
    return f"{owner} budget per {budget.period} ({budget.currency})"


def _shown(nano: int | None) -> str:
    return "no limit" if nano is None else fuel.dollars(nano)


def _team_of(budget: Budget) -> Team | None:
    is_teams = budget.scope == Scope.TEAM
    return Team.objects.filter(pk=budget.scope_id).first() if is_teams else None


@dataclass(frozen=True, slots=True)
class Line:
    """One budget as lists show it, with what is needed to change it."""

    budget_id: int
    currency: str
    view: BudgetView


def overview(user: User, now: datetime | None = None) -> list[Line]:
    """The budgets a person may see: all for whoever runs the installation, else those that bind."""
    everything: Scopes = dict.fromkeys(Scope.values)
    scopes = everything if user.is_owner or user.is_superuser else _scopes_of(user)
    found = accounts.read(scopes, Currency.values, now or timezone.now())
    names = _names(found)
    return [
        Line(account.budget_id, account.currency, account.view(names.get(_place(account), "")))
        for account in found
    ]


def _scopes_of(user: User) -> Scopes:
    teams = user.memberships.values_list("team_id", flat=True)
    return {
        Scope.GLOBAL: [""],
        Scope.TEAM: [str(team_id) for team_id in teams],
        Scope.USER: [str(user.pk)],
        Scope.TOKEN: [str(pk) for pk in user.api_tokens.values_list("pk", flat=True)],
        Scope.PROVIDER: None,
        Scope.ROAD: None,
    }


def _place(account: Account) -> tuple[str, str]:
    return account.scope, account.scope_id


def _names(found: Iterable[Account]) -> dict[tuple[str, str], str]:
    ids: dict[str, list[str]] = {}
    for account in found:
        ids.setdefault(account.scope, []).append(account.scope_id)
    rows = {
        Scope.TEAM: Team.objects.filter(pk__in=ids.get(Scope.TEAM, ())).values_list("pk", "name"),
        Scope.USER: User.objects.filter(pk__in=ids.get(Scope.USER, ())).values_list(
            "pk", "username"
        ),
        Scope.TOKEN: ApiToken.objects.filter(pk__in=ids.get(Scope.TOKEN, ())).values_list(
            "pk", "name"
        ),
    }
    return {(scope.value, str(pk)): name for scope, pairs in rows.items() for pk, name in pairs}


def parse_usd(text: str) -> int:
    """Nano-dollars of a plain decimal such as `2` or `2.50`."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        raise InvalidAmount(
            f"{text[:40]!r} is not an amount. Write dollars with a point, such as 2 or 2.50."
        )
    whole, fraction = match.groups(default="")
    return _check(int(whole) * NANO + int(fraction.ljust(9, "0")), lowest=0)


def _check(amount_nano: int, *, lowest: int) -> int:
    if not lowest <= amount_nano <= MAX_USD * NANO:
        raise InvalidAmount(
            f"Amounts are from {'0' if lowest == 0 else 'more than 0'} to {MAX_USD:,} dollars."
        )
    return amount_nano


def _owner(scope: str, scope_id: str) -> str:
    if (scope == Scope.GLOBAL) != (scope_id == ""):
        raise ValueError("Only the global budget has no owner; every other one names its own.")
    return scope_id
