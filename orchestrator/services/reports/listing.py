"""The log of trips: newest first, filtered, paged by key, quick at any depth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from orchestrator.models import Trip, User
from orchestrator.services.reports import drilling, labels
from orchestrator.services.reports.scopes import Scope
from orchestrator.services.reports.spans import Span

PLAIN = ("state", "gear", "road", "pattern", "source", "profile")


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is the trip that the next page begins behind."""

    trips: list[Trip]
    older: UUID | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty ones filter nothing."""

    exact: Mapping[str, str] = field(default_factory=dict)
    member: str = ""
    tag: str = ""
    first: date | None = None
    last: date | None = None


def within(scope: Scope) -> "QuerySet[Trip]":
    if scope.team_id is not None:
        return Trip.objects.filter(team_id=scope.team_id)
    return Trip.objects.filter(user_id=scope.user_id) if scope.user_id else Trip.objects.all()


def page(scope: Scope, filters: Filters, before: UUID | None, size: int) -> Page:
    """A `before` that is not in sight begins at the newest."""
    found = filtered(within(scope), filters).select_related("user")
    found = found.order_by("-created_at", "-pk")
    last = within(scope).filter(pk=before).first() if before else None
    if last is not None:
        found = drilling.after(found, last.created_at, last.pk)
    rows = list(found[: size + 1])
    return Page(rows[:size], rows[size - 1].pk if len(rows) > size else None)


def filtered(found: "QuerySet[Trip]", filters: Filters) -> "QuerySet[Trip]":
    exact: dict[str, Any] = {name: filters.exact[name] for name in PLAIN if filters.exact.get(name)}
    conditions = Q(**exact)
    if filters.tag:
        conditions &= Q(tags__contains=labels.line_of(filters.tag))
    if filters.member:
        known = User.objects.filter(username=filters.member).values_list("pk", flat=True).first()
        conditions &= Q(user_id=known)
    if filters.first:
        conditions &= Q(created_at__gte=_begin(filters.first))
    if filters.last:
        conditions &= Q(created_at__lt=_begin(filters.last) + timedelta(days=1))
    return found.filter(conditions)


def _begin(day: date) -> datetime:
    return Span(day, day).begin
