"""Ended trips become daily sums: a day of a person is counted anew whenever something in it moved.

Each trip says whether it is counted, so nothing is missed and doing it twice changes nothing.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from orchestrator.models import Leg, Outcome, Trip, UsageDay, UsageLock
from orchestrator.services.reports import measures
from orchestrator.services.reports.measures import Grain

BATCH = 2000
DAY = timedelta(days=1)
# With more people than this on one day, the whole day is counted anew.
MOST_NAMED = 500
UNCOUNTED = Q(counted_at=None, state__in=Trip.FINAL)


def advance(budget_s: float = 2.0) -> bool:
    """Count what ended since; True when nothing is left. Several may call it at once."""
    until = time.monotonic() + budget_s
    while found := _uncounted():
        _count(found)
        if time.monotonic() > until:
            return not _uncounted(1)
    return True


def waiting() -> int:
    return Trip.objects.filter(UNCOUNTED).count()


def _uncounted(most: int = BATCH) -> list[tuple[Any, datetime, int]]:
    rows = Trip.objects.filter(UNCOUNTED).order_by("created_at")
    return list(rows.values_list("pk", "created_at", "user_id")[:most])


def _count(found: Iterable[tuple[Any, datetime, int]]) -> None:
    """A trip that changes meanwhile waits for its row, and is then uncounted again."""
    by_day: dict[date, set[int]] = defaultdict(set)
    for _, created_at, user_id in found:
        by_day[created_at.astimezone(UTC).date()].add(user_id)
    for day, users in sorted(by_day.items()):
        recount_day(day, users)


def recount_day(day: date, users: Collection[int] | None = None) -> None:
    """All of one UTC day, or of some people on it."""
    if users is not None and len(users) > MOST_NAMED:
        users = None
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    with transaction.atomic():
        lock()
        # First, so that whoever changes one of these trips comes after us.
        uncounted = Trip.objects.filter(_within("", begin, users), counted_at=None)
        uncounted.update(counted_at=timezone.now())
        _replace_whole(begin, users)
        _replace_coarser(day, users)


def lock() -> None:
    if not UsageLock.objects.select_for_update().filter(pk=1).exists():
        UsageLock.objects.get_or_create(pk=1)
        UsageLock.objects.select_for_update().get(pk=1)


def _replace_whole(begin: datetime, users: Collection[int] | None) -> None:
    _rows(Grain.WHOLE, begin.date(), users).delete()
    fixed = {"grain": Grain.WHOLE.value, "day": begin.date()}
    of_trip = _within("trip__", begin, users)
    _insert(*measures.of_trips(Trip.objects.filter(_within("", begin, users))), fixed)
    _insert(*measures.of_legs(Leg.objects.filter(of_trip)), fixed)
    _insert(*measures.of_votes(Outcome.objects.filter(of_trip)), fixed)


def _within(prefix: str, begin: datetime, users: Collection[int] | None) -> Q:
    """As a join, so that the day's trips are found first and their calls by them."""
    found = {"created_at__gte": begin, "created_at__lt": begin + DAY, "state__in": Trip.FINAL}
    if users is not None:
        found["user_id__in"] = users
    return Q(**{f"{prefix}{name}": value for name, value in found.items()})


def _replace_coarser(day: date, users: Collection[int] | None) -> None:
    for grain, own in ((Grain.PEOPLE, users), (Grain.FLEET, None)):
        _rows(grain, day, own).delete()
        whole = _rows(Grain.WHOLE, day, own)
        _insert(*measures.of_sums(whole, grain.name), {"grain": grain.value, "day": day})


def _rows(grain: Grain, day: date, users: Collection[int] | None) -> "QuerySet[UsageDay]":
    rows = UsageDay.objects.filter(grain=grain, day=day)
    return rows if users is None else rows.filter(user_id__in=users)


def _insert(selected: "QuerySet[Any]", names: tuple[str, ...], fixed: Mapping[str, Any]) -> None:
    """Within the database: not one row of it passes through this process."""
    sql, parameters = selected.query.sql_with_params()
    if not sql:
        return
    columns = ", ".join(connection.ops.quote_name(name) for name in (*fixed, *names))
    table = connection.ops.quote_name(UsageDay._meta.db_table)
    literals = ", ".join(_literal(value) for value in fixed.values())
    statement = f"INSERT INTO {table} ({columns}) SELECT {literals}, found.* FROM ({sql}) found"  # noqa: S608  # names of our own columns
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _literal(value: Any) -> str:
    if isinstance(value, date):
        text = f"'{value:%Y-%m-%d}'"
        return f"DATE {text}" if connection.vendor == "postgresql" else text
    return str(int(value))
