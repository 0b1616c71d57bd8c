"""Money for calls: held before, settled or released after, each once, in every budget that binds.

Wherever a hold is admitted, `spent + reserved <= limit`, for any number of processes. Only a call
that costs more than was held for it goes above; the ledger says so with an overrun.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from orchestrator.models import Currency, LedgerEntry, Reservation
from orchestrator.routing.types import BudgetView, Fuel
from orchestrator.services.money import accounts, holds, zones
from orchestrator.services.money.accounts import Account, AccountMoved, Movement
from orchestrator.services.money.holds import (
    BudgetExhausted,
    Closing,
    Desk,
    Entry,
    Hold,
    Kind,
    Scope,
)

__all__ = ["BudgetExhausted", "Closing", "Hold", "Kind"]

State = Reservation.State


def reserve(hold: Hold, now: datetime | None = None) -> Reservation:
    """Hold the amount in all budgets that bind it, or in none and raise `BudgetExhausted`."""
    return _admitted(reserve_many([hold], now)[0])


def reserve_many(
    wanted: Sequence[Hold], now: datetime | None = None
) -> list[Reservation | BudgetExhausted]:
    """Each hold as if it came alone, in this order, but in one transaction."""
    with transaction.atomic():
        desk = Desk(wanted, now or timezone.now())
        results = [desk.admit(hold) for hold in wanted]
        _keep([result for result in results if isinstance(result, Reservation)])
        accounts.book(desk.movements)
    return results


def settle(reservation_id: UUID, actual_nano: int) -> int:
    """Book what the call did cost; returns what stands booked, also if it was closed before."""
    return settle_many([Closing(reservation_id, Kind.SETTLE, actual_nano)])[0]


def settle_unknown(reservation_id: UUID) -> int:
    """The provider may have charged and nobody knows how much: book the whole hold."""
    return settle_many([Closing(reservation_id, Kind.UNKNOWN)])[0]


def release(reservation_id: UUID) -> int:
    """Give back a hold whose call never left; returns what stands booked, normally nothing."""
    return settle_many([Closing(reservation_id, Kind.RELEASE)])[0]


def settle_many(closings: Sequence[Closing]) -> list[int]:
    """Close each hold once, in the periods it was held in; returns what stands booked for each."""
    movements: dict[int, Movement] = {}
    with transaction.atomic():
        booked_nano = _close(closings, movements)
        accounts.book(movements)
    return [booked_nano[closing.reservation_id] for closing in closings]


def move(reservation_id: UUID, hold: Hold, now: datetime | None = None) -> Reservation:
    """Release one hold and take another in a single step, as when a call goes to another gear.

    When the new hold finds no room, `BudgetExhausted` is raised and the old one stays.
    """
    movements: dict[int, Movement] = {}
    with transaction.atomic():
        _close([Closing(reservation_id, Kind.RELEASE)], movements)
        desk = Desk([hold], now or timezone.now(), movements)
        reservation = _admitted(desk.admit(hold))
        _keep([reservation])
        accounts.book(desk.movements)
    return reservation


def expired(now: datetime) -> "QuerySet[Reservation]":
    """Holds that nobody closed in time, oldest first."""
    return Reservation.objects.filter(state=State.HELD, expires_at__lt=now).order_by("expires_at")


def fuel_for(
    user_id: int,
    team_id: int | None = None,
    token_id: UUID | str | None = None,
    now: datetime | None = None,
    *,
    profile: str = "",
) -> Fuel:
    """What a decision must know of money, in one query. Reading makes no rows."""
    ids = holds.scope_ids(user_id=user_id, team_id=team_id, token_id=token_id, profile=profile)
    scopes: dict[str, list[str] | None] = {scope: [name] for scope, name in ids.items()}
    scopes |= {Scope.PROVIDER.value: None, Scope.ROAD.value: None}
    read = accounts.read(scopes, Currency.values, now or timezone.now())
    found = [account for account in read if not account.is_removed]
    usd = [account for account in found if account.currency == Currency.USD]
    demo = [account for account in found if account.currency == Currency.DEMO]
    return Fuel(
        shared=_views(account for account in usd if account.scope in ids),
        by_provider=_views_by_name(usd, Scope.PROVIDER),
        by_road=_views_by_name(usd, Scope.ROAD),
        demo=_views(account for account in demo if account.scope != Scope.ROAD),
        zones=zones.table(),
    )


def _views(found: Iterable[Account]) -> tuple[BudgetView, ...]:
    return tuple(account.view() for account in found)


def _views_by_name(found: Iterable[Account], scope: str) -> dict[str, tuple[BudgetView, ...]]:
    by_name: dict[str, tuple[BudgetView, ...]] = {}
    for account in found:
        if account.scope == scope:
            by_name[account.scope_id] = (*by_name.get(account.scope_id, ()), account.view())
    return by_name


def _admitted(result: Reservation | BudgetExhausted) -> Reservation:
    if isinstance(result, BudgetExhausted):
        raise result
    return result


def _keep(reservations: Sequence[Reservation]) -> None:
    Reservation.objects.bulk_create(reservations)
    _enter((each, Kind.RESERVE, each.amount_nano) for each in reservations)


def _close(closings: Sequence[Closing], movements: dict[int, Movement]) -> dict[UUID, int]:
    """End those still held, the first closing of each; returns what stands booked for all."""
    ids = [closing.reservation_id for closing in closings]
    rows = Reservation.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    found = {each.pk: each for each in rows}
    ended: list[Reservation] = []
    entries: list[Entry] = []
    for closing in closings:
        reservation = found[closing.reservation_id]
        if reservation.state == State.HELD:
            entries += holds.close(reservation, closing, movements)
            ended.append(reservation)
    _write_ends(ended)
    _enter(entries)
    return {each.pk: each.actual_nano or 0 for each in found.values()}


END = (
    "UPDATE orchestrator_reservation SET state = %s, actual_nano = %s WHERE id = %s AND state = %s"
)


def _write_ends(ended: Sequence[Reservation]) -> None:
    """Only what is still held may end, whatever was read before."""
    if not ended:
        return
    prepare = Reservation._meta.pk.get_db_prep_value
    rows = [
        (each.state, each.actual_nano, prepare(each.pk, connection), State.HELD) for each in ended
    ]
    with connection.cursor() as cursor:
        cursor.executemany(END, rows)
        if cursor.rowcount != len(rows):
            raise AccountMoved("A hold was closed by somebody else while it was being closed.")


def _enter(entries: Iterable[Entry]) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(reservation=each, kind=kind, amount_nano=amount_nano, currency=each.currency)
        for each, kind, amount_nano in entries
    )
