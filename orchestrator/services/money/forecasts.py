"""When a budget will be empty at the pace of the last days, as a moment and an interval.

An estimate for people: nothing is booked or refused by it, so its arithmetic need not be exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite, sqrt
from statistics import stdev
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from orchestrator.models import Budget, BudgetPeriod
from orchestrator.services.money import periods

DAY = timedelta(days=1)
WATCHED_DAYS = 7
FEWEST_DAYS = 3
# Four of five futures lie inside.
SPREAD = 1.28
Kind = Literal["empties", "lasts", "idle", "unknown", "empty", "unlimited"]


@dataclass(frozen=True, slots=True)
class Pace:
    """What was spent on each whole day that was watched, oldest first, and today so far."""

    days_nano: tuple[int, ...]
    today_nano: int
    today_share: float

    @property
    def mean_nano(self) -> float:
        return (sum(self.days_nano) + self.today_nano) / (len(self.days_nano) + self.today_share)

    @property
    def spread_nano(self) -> float:
        return stdev(self.days_nano) if len(self.days_nano) > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """`latest` None: it may also last for good."""

    kind: Kind
    text: str
    at: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None

    def document(self) -> dict[str, Any]:
        moments = {"at": self.at, "earliest": self.earliest, "latest": self.latest}
        shown = {name: each and each.isoformat() for name, each in moments.items()}
        return {"kind": self.kind, "text": self.text, **shown}


def days_until_empty(left_nano: int, pace: Pace) -> tuple[float, float, float]:
    """Expected, earliest and latest; the latest is infinite where the pace may be next to none.

    After T days mean * T was spent, give or take what T days differ by themselves and what the
    mean is not known better: spread * sqrt(T + T * T / days).
    """
    mean, days = pace.mean_nano, len(pace.days_nano)
    doubt = (SPREAD * pace.spread_nano) ** 2
    # (left - mean * T) ** 2 = doubt * (T + T ** 2 / days), solved for T
    square = mean**2 - doubt / days
    half = left_nano * mean + doubt / 2
    root = sqrt(max(0.0, half**2 - square * left_nano**2))
    earliest = left_nano**2 / (half + root)
    latest = (half + root) / square if square > 0 else float("inf")
    return left_nano / mean, earliest, latest


def forecast(left_nano: int | None, pace: Pace, now: datetime, refills_at: datetime) -> Forecast:
    if left_nano is None:
        return Forecast("unlimited", "No limit, so it never empties.")
    if left_nano <= 0:
        return Forecast("empty", f"Empty until it refills {shown(refills_at, now)}.")
    if len(pace.days_nano) < FEWEST_DAYS:
        return Forecast(
            "unknown",
            f"Too little data for a forecast: {len(pace.days_nano)} whole days were watched, "
            f"{FEWEST_DAYS} are needed.",
        )
    if pace.mean_nano <= 0:
        return Forecast("idle", "Nothing was spent in the last 7 days, so it lasts.")
    return _estimate(left_nano, pace, now, refills_at)


def _estimate(left_nano: int, pace: Pace, now: datetime, refills_at: datetime) -> Forecast:
    expected, earliest, latest = days_until_empty(left_nano, pace)
    until_refill = (refills_at - now) / DAY
    if earliest >= until_refill:
        return Forecast("lasts", f"Lasts until it refills {shown(refills_at, now)}.")
    soon, late = now + earliest * DAY, _moment(latest, until_refill, now)
    if expected >= until_refill:
        text = (
            f"Lasts until it refills {shown(refills_at, now)}, "
            f"or empties from {shown(soon, now)} on if more is used than usual."
        )
        return Forecast("lasts", text, earliest=soon)
    at = now + expected * DAY
    text = f"Empties about {shown(at, now)}{_interval(soon, late, at, now)}."
    return Forecast("empties", text, at, soon, late)


def _interval(soon: datetime, late: datetime | None, at: datetime, now: datetime) -> str:
    if shown(soon, now) == shown(at, now):
        return ""
    end = shown(late, now) if late else "never before it refills"
    return f" (between {shown(soon, now)} and {end})"


def _moment(days: float, until_refill: float, now: datetime) -> datetime | None:
    return now + days * DAY if isfinite(days) and days < until_refill else None


def shown(moment: datetime, now: datetime, zone: str | None = None) -> str:
    """`Thursday 15:00` within a week, else with its date."""
    local = ZoneInfo(zone or settings.TIME_ZONE)
    here, there = now.astimezone(local), moment.astimezone(local)
    if there.date() == here.date():
        return f"today {there:%H:%M}"
    if moment - now < 6 * DAY:
        return f"{there:%A %H:%M}"
    return f"{there:%A} {there.day} {there:%B %H:%M}"


def for_budgets(budgets: Iterable[Budget], now: datetime | None = None) -> dict[int, Forecast]:
    """By the key of each budget. Days are read from the daily budget of the same place."""
    now = now or timezone.now()
    wanted = list(budgets)
    spent = _spent_by_day(wanted, now)
    running = {
        period.budget_id: period
        for period in BudgetPeriod.objects.filter(
            budget__in=wanted, key__in=[periods.key(name, now) for name in Budget.Period.values]
        )
    }
    return {
        budget.pk: forecast(
            _left(budget, running.get(budget.pk)),
            _pace(spent.get(_place(budget), {}), now),
            now,
            periods.refills_at(budget.period, now),
        )
        for budget in wanted
    }


def _left(budget: Budget, period: BudgetPeriod | None) -> int | None:
    if period is None:
        return budget.limit_nano
    ceiling = period.ceiling_nano
    return None if ceiling is None else max(0, ceiling - period.spent_nano - period.reserved_nano)


Place = tuple[str, str, str]


def _place(budget: Budget) -> Place:
    return budget.scope, budget.scope_id, budget.currency


def _spent_by_day(wanted: list[Budget], now: datetime) -> dict[Place, dict[str, int]]:
    places = {_place(budget) for budget in wanted}
    rows = BudgetPeriod.objects.filter(
        budget__period=Budget.Period.DAY,
        budget__scope__in={scope for scope, _, _ in places},
        budget__scope_id__in={scope_id for _, scope_id, _ in places},
        refills_at__gt=now - WATCHED_DAYS * DAY,
    ).values_list("budget__scope", "budget__scope_id", "budget__currency", "key", "spent_nano")
    found: dict[Place, dict[str, int]] = {}
    for scope, scope_id, currency, key, spent_nano in rows:
        found.setdefault((scope, scope_id, currency), {})[key] = spent_nano
    return found


def _pace(spent: dict[str, int], now: datetime) -> Pace:
    """Days without a row were quiet ones, from the first day on that has one."""
    keys = [periods.key("day", now - back * DAY) for back in range(WATCHED_DAYS - 1, 0, -1)]
    first = next((at for at, key in enumerate(keys) if key in spent), len(keys))
    midnight = periods.refills_at("day", now) - DAY
    return Pace(
        days_nano=tuple(spent.get(key, 0) for key in keys[first:]),
        today_nano=spent.get(periods.key("day", now), 0),
        today_share=max(0.0, (now - midnight) / DAY),
    )
