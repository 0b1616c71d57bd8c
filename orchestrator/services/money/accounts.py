"""The budgets that bind somebody, each with its running period: read here, booked here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from orchestrator.models import Budget, BudgetPeriod
from orchestrator.routing.types import BudgetView
from orchestrator.services.money import periods

# Which scopes bind, and the ids within each. None means every id of that scope.
Scopes = Mapping[str, Collection[str] | None]

OWNERS = {
    Budget.Scope.GLOBAL: "this installation",
    Budget.Scope.TEAM: "your team",
    Budget.Scope.USER: "you",
    Budget.Scope.TOKEN: "this API token",
    Budget.Scope.PROFILE: "your profile",
}


class AccountMoved(RuntimeError):
    """A row changed between reading and booking although it was locked; nothing is booked."""


# Written out because every call asks for it, and Django takes longer to build it than it runs.
READ = """
    SELECT b.id, b.scope, b.scope_id, b.period, b.currency, b.limit_nano, b.removed_at,
        p.id, p.limit_nano, p.granted_nano, p.lent_nano, p.spent_nano, p.reserved_nano
    FROM orchestrator_budget b
    LEFT JOIN orchestrator_budgetperiod p ON p.budget_id = b.id AND p.key IN ({keys})
    WHERE b.currency IN ({currencies}) AND ({binding})
"""
BUDGET_COLUMNS = 7
PERIOD_COLUMNS = ("pk", "limit_nano", "granted_nano", "lent_nano", "spent_nano", "reserved_nano")
NOTHING = Q(pk__in=())
SCOPE_ORDER = {scope: place for place, scope in enumerate(Budget.Scope.values)}


@dataclass(slots=True)
class Account:
    """One budget and what is known of its running period (nothing yet when `period_id` is None)."""

    budget_id: int
    scope: str
    scope_id: str
    period: str
    currency: str
    limit_nano: int | None
    refills_at: datetime
    is_removed: bool = False
    period_id: int | None = None
    granted_nano: int = 0
    lent_nano: int = 0
    spent_nano: int = 0
    reserved_nano: int = 0

    @property
    def running_id(self) -> int:
        if self.period_id is None:
            raise AccountMoved(f"Budget {self.budget_id} has no running period yet.")
        return self.period_id

    @property
    def ceiling_nano(self) -> int | None:
        if self.limit_nano is None:
            return None
        return self.limit_nano + self.granted_nano - self.lent_nano

    @property
    def room_nano(self) -> int | None:
        """Below zero when a limit was lowered under what is held."""
        if self.ceiling_nano is None:
            return None
        return self.ceiling_nano - self.spent_nano - self.reserved_nano

    def has_room(self, need_nano: int) -> bool:
        """Nothing always fits: free gears drive on when the budget is gone."""
        room_nano = self.room_nano
        return need_nano == 0 or room_nano is None or need_nano <= room_nano

    def take(self, numbers: Sequence[Any]) -> None:
        """The running period's numbers, in the order of its columns after the key."""
        self.limit_nano, self.granted_nano, self.lent_nano = numbers[:3]
        self.spent_nano, self.reserved_nano = numbers[3:]

    def view(self, owner: str = "") -> BudgetView:
        return BudgetView(
            name=owner or OWNERS.get(Budget.Scope(self.scope), self.scope_id),
            scope=self.scope,
            scope_id=self.scope_id,
            period=self.period,
            limit_nano=self.ceiling_nano,
            spent_nano=self.spent_nano,
            reserved_nano=self.reserved_nano,
            refills_at=periods.show(self.refills_at),
        )


@dataclass(slots=True)
class Movement:
    """What to add to one period; `asks` says that there must be room for it."""

    reserved_nano: int = 0
    spent_nano: int = 0
    asks: bool = False


def read(scopes: Scopes, currencies: Collection[str], now: datetime) -> list[Account]:
    """As they are, in their fixed order, in one query, without making or locking any row."""
    if not (scopes and currencies):
        return []
    keys = [periods.key(period, now) for period in Budget.Period.values]
    binding, values = _binding(scopes)
    query = READ.format(keys=_places(keys), currencies=_places(currencies), binding=binding)
    with connection.cursor() as cursor:
        cursor.execute(query, [*keys, *currencies, *values])
        rows = cursor.fetchall()
    refills = {period: periods.refills_at(period, now) for period in Budget.Period.values}
    return sorted((_account(row, refills) for row in rows), key=_order)


def _binding(scopes: Scopes) -> tuple[str, list[str]]:
    """The condition that `budgets_in` makes, and its values."""
    conditions, values = [], []
    for scope, ids in scopes.items():
        if ids is None:
            conditions.append("b.scope = %s")
            values.append(scope)
        elif ids:
            conditions.append(f"(b.scope = %s AND b.scope_id IN ({_places(ids)}))")
            values += [scope, *ids]
    return " OR ".join(conditions) or "false", values


def _places(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))


def budgets_in(scopes: Scopes) -> QuerySet[Budget]:
    return Budget.objects.filter(reduce(or_, map(_scope, scopes, scopes.values()), NOTHING))


def lock(
    scopes: Scopes, currencies: Collection[str], now: datetime, also: Iterable[int] = ()
) -> list[Account]:
    """For booking: every account has its period, locked where the database locks rows.

    Everyone locks in the order of the primary key; `also` names further periods that the same
    transaction will book. SQLite locks no rows: there the transaction is exclusive from its start.
    """
    accounts = read(scopes, currencies, now)
    if new := [account for account in accounts if account.period_id is None]:
        open_periods([account.budget_id for account in new], now)
        accounts = read(scopes, currencies, now)
    if connection.features.has_select_for_update:
        _lock_rows(accounts, also)
    return accounts


# Written out because Django takes three times as long to compile it as SQLite to run it.
BOOK = """
    UPDATE orchestrator_budgetperiod
    SET reserved_nano = reserved_nano + %s, spent_nano = spent_nano + %s
    WHERE id = %s
    AND (%s OR limit_nano IS NULL
         OR spent_nano + reserved_nano + %s <= limit_nano + granted_nano - lent_nano)
"""


def book(movements: Mapping[int, Movement]) -> None:
    """One conditional statement for each period decides, in the order of the primary key.

    A mismatch raises `AccountMoved` and leaves it to the caller's transaction to undo the rest.
    """
    rows = [
        (
            movement.reserved_nano,
            movement.spent_nano,
            period_id,
            not movement.asks,
            movement.reserved_nano + movement.spent_nano,
        )
        for period_id, movement in sorted(movements.items(), key=lambda item: item[0])
        if movement.reserved_nano or movement.spent_nano
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(BOOK, rows)
        if cursor.rowcount != len(rows):
            raise AccountMoved("A budget changed while it was being booked.")


def _scope(scope: str, ids: Collection[str] | None) -> Q:
    return Q(scope=scope) if ids is None else Q(scope=scope, scope_id__in=ids)


def _account(row: tuple[Any, ...], refills: Mapping[str, datetime]) -> Account:
    budget, running = row[:BUDGET_COLUMNS], row[BUDGET_COLUMNS:]
    budget_id, scope, scope_id, period, currency, limit_nano, removed_at = budget
    account = Account(
        *(budget_id, scope, scope_id, period, currency, limit_nano),
        refills_at=refills[period],
        is_removed=removed_at is not None,
    )
    if running[0] is not None:
        account.period_id = running[0]
        account.take(running[1:])
    return account


def _order(account: Account) -> tuple[int, str, str]:
    return SCOPE_ORDER[account.scope], account.scope_id, account.period


def open_periods(budget_ids: Iterable[int], now: datetime) -> None:
    """Make the rows of running periods that are used for the first time.

    The budgets are locked meanwhile, so that a limit changed at this moment is not missed.
    """
    budgets = Budget.objects.select_for_update(no_key=True).filter(pk__in=budget_ids).order_by("pk")
    new = [
        BudgetPeriod(
            budget=budget,
            key=periods.key(budget.period, now),
            limit_nano=budget.limit_nano,
            refills_at=periods.refills_at(budget.period, now),
        )
        for budget in budgets
    ]
    BudgetPeriod.objects.bulk_create(new, ignore_conflicts=True)


def _lock_rows(accounts: Iterable[Account], also: Iterable[int]) -> None:
    by_id = {account.period_id: account for account in accounts}
    rows = (
        BudgetPeriod.objects.select_for_update(no_key=True)
        .filter(pk__in={*by_id, *also})
        .order_by("pk")
        .values_list(*PERIOD_COLUMNS)
    )
    for row in rows:
        if account := by_id.get(row[0]):
            account.take(row[1:])
