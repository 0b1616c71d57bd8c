"""The one query layer of reports: pages, commands, exports and links all ask here."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet, Sum

from orchestrator.models import UsageDay
from orchestrator.services.reports import figures, labels, names, rollups
from orchestrator.services.reports.figures import Figures
from orchestrator.services.reports.measures import DIMENSIONS, MEASURES, Grain
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.spans import Span

SUMS = {f"n_{name}": Sum(name) for name in MEASURES}


@dataclass(frozen=True, slots=True)
class Line:
    """`key` asks for this line alone, `label` is what people read."""

    key: str
    label: str
    figures: Figures
    before: Figures


@dataclass(frozen=True, slots=True)
class Step:
    span: Span
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """`is_complete` is false while ended trips still wait to be counted."""

    question: Question
    totals: Figures
    before: Figures
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    is_complete: bool


def answer(question: Question) -> Report:
    is_complete = rollups.advance()
    by_day = _by_day(question)
    return Report(
        question=question,
        totals=figures.added(by_day.values()),
        before=_total(question),
        lines=tuple(_lines(question)),
        steps=tuple(_steps(question, by_day)),
        is_complete=is_complete,
    )


def _rows(question: Question, span: Span, *columns: str) -> "QuerySet[UsageDay]":
    asked = {names.COLUMNS[name] for name in question.filters} | set(columns)
    rows = UsageDay.objects.filter(
        _scope(question), grain=_grain(asked, question), currency=question.currency
    )
    rows = rows.filter(day__gte=span.first, day__lte=span.last)
    for name, values in question.filters.items():
        rows = rows.filter(_matches(name, values))
    return rows.order_by()


def _scope(question: Question) -> Q:
    scope = question.scope
    if scope.team_id is not None:
        return Q(team_id=scope.team_id)
    return Q(user_id=scope.user_id) if scope.user_id is not None else Q()


def _grain(columns: set[str], question: Question) -> Grain:
    """The coarsest that knows everything that is asked for."""
    needed = columns | ({"user_id"} if question.scope.user_id is not None else set())
    return next(grain for grain in Grain if needed <= set(DIMENSIONS[grain.name]))


def _matches(name: str, values: tuple[str, ...]) -> Q:
    column = names.COLUMNS[name]
    if name == "tag":
        return reduce(or_, (_tagged(value) for value in values))
    keys = names.keys(name, values)
    found = Q(**{f"{column}__in": [key for key in keys if key is not None]})
    if None not in keys:
        return found
    is_text = column in ("gear", "provider", "road", "pattern", "profile")
    return found | (Q(**{column: ""}) if is_text else Q(**{f"{column}__isnull": True}))


def _tagged(tag: str) -> Q:
    return Q(tags="") if tag == names.NONE else Q(tags__contains=labels.line_of(tag))


def _by_day(question: Question) -> dict[Any, Figures]:
    rows = _rows(question, question.span, "day").values("day").annotate(**SUMS)
    return {row["day"]: figures.from_row(row) for row in rows}


def _total(question: Question) -> Figures:
    rows = _rows(question, question.before).values("currency").annotate(**SUMS)
    return figures.added(figures.from_row(row) for row in rows)


def _lines(question: Question) -> list[Line]:
    now, before = (_grouped(question, span) for span in (question.span, question.before))
    known = names.labels(question.group, now.keys())
    lines = [Line(*known[key], found, before.get(key, Figures())) for key, found in now.items()]
    return sorted(lines, key=lambda line: _place(question, line))


def _grouped(question: Question, span: Span) -> dict[Any, Figures]:
    column = names.COLUMNS[question.group]
    rows = _rows(question, span, column).values(column).annotate(**SUMS)
    by_key: dict[Any, list[Figures]] = defaultdict(list)
    for row in rows:
        for key in _keys(question, row[column]):
            by_key[key].append(figures.from_row(row))
    return {key: figures.added(found) for key, found in by_key.items()}


def _keys(question: Question, value: Any) -> list[Any]:
    """A trip with several tags counts for each of them."""
    if question.group != "tag":
        return [value]
    return labels.split(value) or [""]


def _place(question: Question, line: Line) -> tuple[Any, ...]:
    found = line.figures
    places = {
        "cost": -found.cost_nano,
        "trips": -found.trips,
        "failed": -found["failed"],
        "saved": -question.baseline.saved_nano(found),
        "name": 0,
    }
    return places[question.sort], line.label.casefold(), line.key


def _steps(question: Question, by_day: dict[Any, Figures]) -> Iterator[Step]:
    days = sorted(by_day)
    for span in question.span.steps():
        within = [by_day[day] for day in days if span.first <= day <= span.last]
        yield Step(span, figures.added(within))
