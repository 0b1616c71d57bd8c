"""The fuel gauge (budget left): the tightest budget as pages, events and commands show it."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.utils import timezone

from orchestrator.models import Budget, Currency
from orchestrator.routing import fuel as fuels
from orchestrator.routing.types import BudgetView, Fuel, Zone
from orchestrator.services.money import forecasts, ledger

WORDS = {
    Zone.GREEN: "plenty left",
    Zone.YELLOW: "a good part is used",
    Zone.ORANGE: "running low",
    Zone.RED: "nearly empty",
}
ALL_LEVELS = 5


class Gauge(TypedDict):
    """Money twice: as nano-dollars to compute with and as text to read."""

    currency: str
    zone: str
    word: str
    max_level: int
    gears: str
    budget: str
    scope: str
    period: str
    left_nano: int | None
    limit_nano: int | None
    used_nano: int
    used_percent: int
    left: str
    limit: str
    used: str
    refills: str
    empties: str
    text: str


def for_user_id(
    user_id: int,
    team_id: int | None = None,
    token_id: UUID | str | None = None,
    currency: str = Currency.USD,
    now: datetime | None = None,
) -> Gauge | None:
    """None when no budget is set, not even one without a limit."""
    now = now or timezone.now()
    return gauge(ledger.fuel_for(user_id, team_id, token_id, now), currency, now)


def gauge(fuel: Fuel, currency: str, now: datetime) -> Gauge | None:
    views = fuel.demo if currency == Currency.DEMO else fuel.shared
    view = fuels.tightest(views) or next(iter(views), None)
    if view is None:
        return None
    zone = fuels.zone(view, fuel.zones)
    max_level = fuels.level_cap(zone, fuel.zones)
    used_nano = view.spent_nano + view.reserved_nano
    shown: Gauge = {
        "currency": currency,
        "zone": zone.value,
        "word": "empty" if view.left_nano == 0 else WORDS[zone],
        "max_level": max_level,
        "gears": _gears(max_level),
        "budget": _name(view),
        "scope": view.scope,
        "period": view.period,
        "left_nano": view.left_nano,
        "limit_nano": view.limit_nano,
        "used_nano": used_nano,
        "used_percent": _percent(used_nano, view.limit_nano),
        "left": _money(view.left_nano),
        "limit": _money(view.limit_nano),
        "used": fuels.dollars(used_nano),
        "refills": view.refills_at,
        "empties": _empties(view, currency, now),
        "text": "",
    }
    return {**shown, "text": _sentence(shown)}


def _gears(max_level: int) -> str:
    if max_level >= ALL_LEVELS:
        return "all gears"
    return f"gears up to G{max_level}" if max_level else "only gears that cost nothing"


def _name(view: BudgetView) -> str:
    kind = "daily" if view.period == Budget.Period.DAY else "monthly"
    return (
        f"your {kind} budget"
        if view.scope == Budget.Scope.USER
        else f"{kind} budget of {view.name}"
    )


def _money(nano: int | None) -> str:
    return "" if nano is None else fuels.dollars(nano)


def _percent(used_nano: int, limit_nano: int | None) -> int:
    """Rounded down, and above 100 only after an overrun; a limit of nothing is used up."""
    if limit_nano is None:
        return 0
    return used_nano * 100 // limit_nano if limit_nano else 100


def _sentence(shown: Gauge) -> str:
    unit = " in demo dollars" if shown["currency"] == Currency.DEMO else ""
    if shown["limit_nano"] is None:
        return f"No limit; {shown['used']}{unit} used this {shown['period']}."
    name = shown["budget"]
    left = f"{shown['left']} left of {shown['limit']}{unit}"
    return (
        f"{name[0].upper()}{name[1:]}: {left}, {shown['zone']} zone, {shown['gears']}; "
        f"refills {shown['refills']}."
    )


def _empties(view: BudgetView, currency: str, now: datetime) -> str:
    """When it would be empty at the pace of the last days, if before its refill."""
    budget = Budget.objects.filter(
        scope=view.scope, scope_id=view.scope_id, period=view.period, currency=currency
    ).first()
    if budget is None or not view.left_nano:
        return ""
    found = forecasts.for_budgets([budget], now)[budget.pk]
    return found.text if found.kind == "empties" else ""
