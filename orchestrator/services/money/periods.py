"""The calendar of budgets: which day or month a moment belongs to, and when the next one begins.

The period is part of a row's key, so nothing ever has to be reset.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from orchestrator.models import Budget

Period = Budget.Period


def key(period: str, moment: datetime, zone: str | None = None) -> str:
    """Such as `2026-11-20@Europe/Berlin` or `2026-11@UTC`; the zone is the installation's."""
    zone = zone or settings.TIME_ZONE
    day = _local_date(moment, zone)
    name = f"{day:%Y-%m-%d}" if Period(period) is Period.DAY else f"{day:%Y-%m}"
    return f"{name}@{zone}"


def refills_at(period: str, moment: datetime, zone: str | None = None) -> datetime:
    """The first instant (UTC) of the next period.

    Where clocks skip midnight, the local time below does not exist; `fold=0` then means the
    instant of the change, which is when that day begins.
    """
    zone = zone or settings.TIME_ZONE
    day = _local_date(moment, zone)
    following = _next_day(day) if Period(period) is Period.DAY else _next_month(day)
    midnight = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def _local_date(moment: datetime, zone: str) -> date:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone, so its day is unknown.")
    return moment.astimezone(ZoneInfo(zone)).date()


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def show(moment: datetime, zone: str | None = None) -> str:
    """For people: `21 November 2026, 00:00 (Europe/Berlin)`."""
    zone = zone or settings.TIME_ZONE
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({zone})"
