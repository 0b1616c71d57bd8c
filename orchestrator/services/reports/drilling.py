"""From a figure to the trips behind it. Money of a gear or provider is that of its calls."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from orchestrator.models import Leg, Trip
from orchestrator.services.reports import labels, names
from orchestrator.services.reports.columns import Column, Kind
from orchestrator.services.reports.questions import Question

CALLED = ("gear", "provider")
PAGE = 2000
COLUMNS = (
    *(Column("Trip", Kind.TEXT), Column("Begun", Kind.MOMENT), Column("Member", Kind.TEXT)),
    *(Column("Team", Kind.TEXT), Column("State", Kind.TEXT), Column("Road", Kind.TEXT)),
    *(Column("Gear", Kind.TEXT), Column("Pattern", Kind.TEXT), Column("Profile", Kind.TEXT)),
    *(Column("Tags", Kind.TEXT), Column("Cost in $", Kind.MONEY)),
    *(Column("Baseline in $", Kind.MONEY), Column("Tokens in", Kind.COUNT)),
    *(Column("Tokens cached", Kind.COUNT), Column("Tokens out", Kind.COUNT)),
    *(Column("Seconds", Kind.SECONDS), Column("Chosen by hand", Kind.TEXT)),
    Column("Error", Kind.TEXT),
)
FIELDS = (
    *("pk", "created_at", "user__username", "team__name", "state", "road", "gear", "pattern"),
    *("profile", "tags", "part_nano", "baseline_nano", "input_tokens", "cached_input_tokens"),
    *("output_tokens", "started_at", "finished_at", "is_by_hand", "error_code"),
)


def trips(question: Question) -> "QuerySet[Trip]":
    """Each with `part_nano`, what it adds to the cost of this report; newest first."""
    span, scope = question.span, question.scope
    found = Trip.objects.filter(
        created_at__gte=span.begin,
        created_at__lt=span.end,
        state__in=Trip.FINAL,
    )
    if scope.team_id is not None:
        found = found.filter(team_id=scope.team_id)
    elif scope.user_id is not None:
        found = found.filter(user_id=scope.user_id)
    for name, values in question.filters.items():
        if name not in CALLED:
            found = found.filter(_matches(name, values))
    found = _by_calls(question, found)
    return found.order_by("-created_at", "-pk")


def _by_calls(question: Question, found: "QuerySet[Trip]") -> "QuerySet[Trip]":
    asked = {name: question.filters[name] for name in CALLED if name in question.filters}
    legs = Leg.objects.filter(trip=OuterRef("pk"), currency=question.currency)
    if not asked:
        is_in = Q(currency=question.currency) | Exists(legs)
        return found.filter(is_in).annotate(part_nano=_part(legs))
    for name, values in asked.items():
        legs = legs.filter(_in(name, values))
    chosen = reduce(and_, (_chosen(name, values) for name, values in asked.items()))
    chosen &= Q(currency=question.currency)
    return found.filter(Exists(legs) | chosen).annotate(part_nano=_part(legs))


def _part(legs: "QuerySet[Leg]") -> Combinable:
    summed = legs.order_by().values("trip").annotate(nano=Sum("cost_nano")).values("nano")
    return Coalesce(Subquery(summed), 0)


def _in(name: str, values: tuple[str, ...]) -> Q:
    return Q(**{f"{name}__in": ["" if value == names.NONE else value for value in values]})


def _chosen(name: str, values: tuple[str, ...]) -> Q:
    """Trips that were decided for it although no call of it came about."""
    if name == "gear":
        return _in(name, values)
    if names.NONE not in values:
        return Q(pk__in=())
    return Q(~Exists(Leg.objects.filter(trip=OuterRef("pk"), gear=OuterRef("gear"))))


def _matches(name: str, values: tuple[str, ...]) -> Q:
    if name == "tag":
        return reduce(or_, (_tagged(value) for value in values))
    column = names.COLUMNS[name]
    keys = names.keys(name, values)
    found = Q(**{f"{column}__in": [key for key in keys if key is not None]})
    if None not in keys:
        return found
    is_text = column in ("road", "pattern", "profile")
    return found | (Q(**{column: ""}) if is_text else Q(**{f"{column}__isnull": True}))


def _tagged(tag: str) -> Q:
    return Q(tags="") if tag == names.NONE else Q(tags__contains=labels.line_of(tag))


def rows(question: Question) -> Iterator[tuple[Any, ...]]:
    """In pages of their own, so that neither memory nor a transaction grows with them."""
    found = trips(question)
    page = _page(found)
    while page:
        yield from map(_row, page)
        last = page[-1]
        page = _page(after(found, last["created_at"], last["pk"])) if len(page) == PAGE else []


def after(found: "QuerySet[Trip]", created_at: datetime, pk: UUID) -> "QuerySet[Trip]":
    """What comes behind a trip, newest first. The first bound is what an index begins at."""
    older = Q(created_at__lt=created_at) | Q(pk__lt=pk)
    return found.filter(created_at__lte=created_at).filter(older)


def _page(found: "QuerySet[Trip]") -> list[dict[str, Any]]:
    return list(found.values(*FIELDS)[:PAGE])


def _row(trip: dict[str, Any]) -> tuple[Any, ...]:
    began, ended = trip["started_at"], trip["finished_at"]
    took_s = (ended - began).total_seconds() if began and ended else None
    return (
        str(trip["pk"]), trip["created_at"], trip["user__username"], trip["team__name"] or "",
        trip["state"], trip["road"], trip["gear"], trip["pattern"], trip["profile"],
        ", ".join(labels.split(trip["tags"])), trip["part_nano"], trip["baseline_nano"],
        trip["input_tokens"], trip["cached_input_tokens"], trip["output_tokens"], took_s,
        "yes" if trip["is_by_hand"] else "no", trip["error_code"],
    )  # fmt: skip
