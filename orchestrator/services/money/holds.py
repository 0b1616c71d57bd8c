"""What holding and closing does to accounts, worked out in memory while their rows are locked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orchestrator.models import Budget, LedgerEntry, Reservation
from orchestrator.routing import fuel
from orchestrator.routing.types import BudgetView
from orchestrator.services.money import accounts
from orchestrator.services.money.accounts import Account, Movement

Kind = LedgerEntry.Kind
Scope = Budget.Scope
Entry = tuple[Reservation, Kind, int]

# One million dollars: sums of thousands of such amounts still fit the 64-bit columns.
MAX_AMOUNT_NANO = 10**15


def scope_ids(
    *,
    user_id: int,
    team_id: int | None = None,
    token_id: UUID | str | None = None,
    profile: str = "",
) -> dict[str, str]:
    """The scopes of one driver, without those that do not apply."""
    ids = {
        Scope.TEAM: team_id,
        Scope.USER: user_id,
        Scope.TOKEN: token_id,
        Scope.PROFILE: profile,
    }
    present = {scope.value: str(name) for scope, name in ids.items() if name}
    return {Scope.GLOBAL.value: "", **present}


@dataclass(frozen=True, slots=True)
class Hold:
    """What one leg may cost at most, and whose budgets it binds."""

    leg_id: UUID
    user_id: int
    amount_nano: int
    currency: str
    expires_at: datetime
    provider: str = ""
    road: str = ""
    team_id: int | None = None
    token_id: UUID | str | None = None
    profile: str = ""

    def scopes(self) -> dict[str, str]:
        ids = scope_ids(
            user_id=self.user_id,
            team_id=self.team_id,
            token_id=self.token_id,
            profile=self.profile,
        )
        places = {Scope.PROVIDER.value: self.provider, Scope.ROAD.value: self.road}
        return ids | {scope: name for scope, name in places.items() if name}


@dataclass(frozen=True, slots=True)
class Closing:
    """How one hold ends. Only an exact settlement has an amount of its own."""

    reservation_id: UUID
    kind: Kind = Kind.SETTLE
    actual_nano: int = 0


class BudgetExhausted(RuntimeError):
    """A budget has no room for a hold, and nothing was held in any other either."""

    def __init__(self, view: BudgetView, needed_nano: int, currency: str) -> None:
        self.view = view
        self.needed_nano = needed_nano
        self.currency = currency
        self.message = (
            f"{fuel.refusal(view).rstrip('.')}; this call may cost up to "
            f"{fuel.dollars(needed_nano)}, and gears that cost nothing still work."
        )
        super().__init__(self.message)


class Desk:
    """Admits holds one after the other, for one transaction that has locked their accounts."""

    def __init__(
        self, holds: Sequence[Hold], now: datetime, movements: Mapping[int, Movement] | None = None
    ) -> None:
        self.movements = dict(movements or {})
        scopes: dict[str, set[str]] = {}
        for hold in holds:
            for scope, name in hold.scopes().items():
                scopes.setdefault(scope, set()).add(name)
        currencies = {hold.currency for hold in holds}
        self._accounts: dict[tuple[str, str, str], list[Account]] = {}
        for account in accounts.lock(scopes, currencies, now, also=self.movements):
            if given_back := self.movements.get(account.running_id):
                account.reserved_nano += given_back.reserved_nano
            place = (account.currency, account.scope, account.scope_id)
            self._accounts.setdefault(place, []).append(account)

    def admit(self, hold: Hold) -> Reservation | BudgetExhausted:
        """All or nothing; a refused hold leaves no trace for those after it."""
        _check(hold.amount_nano)
        binding = [
            account
            for scope, name in hold.scopes().items()
            for account in self._accounts.get((hold.currency, scope, name), ())
        ]
        full = [account for account in binding if not account.has_room(hold.amount_nano)]
        if full:
            tightest = min(full, key=lambda account: account.room_nano or 0)
            return BudgetExhausted(tightest.view(), hold.amount_nano, hold.currency)
        for account in binding:
            account.reserved_nano += hold.amount_nano
            movement = self.movements.setdefault(account.running_id, Movement())
            movement.reserved_nano += hold.amount_nano
            movement.asks = True
        return _reservation(hold, binding)


def _reservation(hold: Hold, binding: Iterable[Account]) -> Reservation:
    return Reservation(
        leg_id=hold.leg_id,
        amount_nano=hold.amount_nano,
        currency=hold.currency,
        period_ids=[account.running_id for account in binding],
        expires_at=hold.expires_at,
    )


def close(
    reservation: Reservation, closing: Closing, movements: dict[int, Movement]
) -> Iterable[Entry]:
    """Mark a held reservation as ended; adds to the movements, returns what the ledger says."""
    hold_nano = reservation.amount_nano
    if closing.kind is Kind.SETTLE:
        _check(closing.actual_nano)
    booked_nano = {
        Kind.SETTLE: closing.actual_nano,
        Kind.UNKNOWN: hold_nano,
        Kind.RELEASE: 0,
    }[closing.kind]
    is_released = closing.kind is Kind.RELEASE
    reservation.state = Reservation.State.RELEASED if is_released else Reservation.State.SETTLED
    reservation.actual_nano = booked_nano
    for period_id in reservation.period_ids:
        movement = movements.setdefault(period_id, Movement())
        movement.reserved_nano -= hold_nano
        movement.spent_nano += booked_nano
    yield reservation, closing.kind, hold_nano if is_released else booked_nano
    if booked_nano > hold_nano:
        yield reservation, Kind.OVERRUN, booked_nano - hold_nano


def _check(amount_nano: int) -> None:
    if not 0 <= amount_nano <= MAX_AMOUNT_NANO:
        raise ValueError(f"{amount_nano} nano-dollars is no amount that can be held or booked.")
