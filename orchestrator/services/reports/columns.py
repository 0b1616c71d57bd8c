"""The columns of a report's table, the same on the page, in a CSV and in a spreadsheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from orchestrator.services.reports import names
from orchestrator.services.reports.figures import Figures
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.reading import Report

NANO_DIGITS = 9


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    SECONDS = "seconds"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Figure:
    title: str
    kind: Kind
    value: Callable[[Figures, Question], Any]


def _count(name: str, title: str) -> _Figure:
    return _Figure(title, Kind.COUNT, lambda found, question: found[name])


FIGURES = (
    _Figure("Cost in $", Kind.MONEY, lambda found, question: found.cost_nano),
    _count("trips", "Trips"),
    _Figure("Cost per trip in $", Kind.MONEY, lambda found, question: found.cost_per_trip_nano),
    _Figure("Baseline in $", Kind.MONEY, lambda found, ask: ask.baseline.baseline_nano(found)),
    _Figure("Saved in $", Kind.MONEY, lambda found, ask: ask.baseline.saved_nano(found)),
    _count("done", "Answered"),
    _count("failed", "Failed"),
    _count("stopped", "Stopped"),
    _count("calls", "Calls"),
    _count("failed_calls", "Failed calls"),
    _count("estimated_calls", "Calls without numbers"),
    _count("input_tokens", "Tokens in"),
    _count("cached_input_tokens", "Tokens cached"),
    _count("cache_write_tokens", "Tokens written to cache"),
    _count("output_tokens", "Tokens out"),
    _count("reasoning_tokens", "Reasoning tokens"),
    _Figure("Half within, s", Kind.SECONDS, lambda found, question: found.p50_s),
    _Figure("95 % within, s", Kind.SECONDS, lambda found, question: found.p95_s),
    _count("by_hand", "Chosen by hand"),
    _count("corrected", "Corrected"),
    _count("good", "Good"),
    _count("bad", "Bad"),
    _count("overkill", "Overkill"),
    _count("too_slow", "Too slow"),
)


def of_groups(question: Question) -> tuple[Column, ...]:
    first = Column(names.TITLES[question.group], Kind.TEXT)
    return (first, *(Column(each.title, each.kind) for each in FIGURES))


def rows(report: Report) -> list[tuple[Any, ...]]:
    """The lines and, where they add up, the total as the last one."""
    question = report.question
    found = [(line.label, *_values(line.figures, question)) for line in report.lines]
    return [*found, ("Total", *_values(report.totals, question))]


def _values(figures: Figures, question: Question) -> list[Any]:
    return [each.value(figures, question) for each in FIGURES]


def of_steps() -> tuple[Column, ...]:
    days = (Column("From", Kind.TEXT), Column("To", Kind.TEXT))
    return (*days, *(Column(each.title, each.kind) for each in FIGURES))


def step_rows(report: Report) -> list[tuple[Any, ...]]:
    return [
        (str(step.span.first), str(step.span.last), *_values(step.figures, report.question))
        for step in report.steps
    ]


def as_text(kind: Kind, value: Any) -> str:
    """Exact, with a point, without a sign of thousands: for programs."""
    if value is None:
        return ""
    if kind is Kind.MONEY:
        return dollars(value)
    if kind is Kind.SECONDS:
        return f"{value:.3f}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def dollars(nano: int) -> str:
    """To the last nano-dollar."""
    sign, digits = ("-" if nano < 0 else ""), f"{abs(nano):0{NANO_DIGITS + 1}}"
    return f"{sign}{digits[:-NANO_DIGITS]}.{digits[-NANO_DIGITS:]}"


def texts(columns: Sequence[Column], row: Sequence[Any]) -> list[str]:
    return [as_text(column.kind, value) for column, value in zip(columns, row, strict=True)]
