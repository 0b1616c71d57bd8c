"""The days a report is about, and the days it is compared with. All days are UTC days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from orchestrator.services.reports.refusals import ReportRefused

DAY = timedelta(days=1)
FIRST, LAST = date(2020, 1, 1), date(2100, 1, 1)
MOST_DAYS = 1100
CUSTOM, DEFAULT = "custom", "month"
NAMES = {
    "today": "Today",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "month": "This month",
    "last-month": "Last month",
    "quarter": "This quarter",
    "year": "This year",
    CUSTOM: "From … to …",
}
# Above these, a chart of days would be too fine to read.
MOST_DAILY, MOST_WEEKLY = 62, 400


@dataclass(frozen=True, slots=True)
class Span:
    """Both days belong to it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def begin(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.begin + self.days * DAY

    def __str__(self) -> str:
        if self.first == self.last:
            return f"{self.first:%-d %b %Y}"
        return f"{self.first:%-d %b %Y} to {self.last:%-d %b %Y}"

    def steps(self) -> Iterator["Span"]:
        """Days, weeks or months, whichever can be read."""
        begin = self.first
        while begin <= self.last:
            end = min(_end_of_step(begin, self.days), self.last)
            yield Span(begin, end)
            begin = end + DAY


def named(name: str, today: date) -> tuple[Span, Span]:
    """A period by its name, up to today, and what it is compared with."""
    if name == "month":
        return _so_far(today.replace(day=1), _month_before(today), today)
    if name == "quarter":
        first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        before = first
        for _ in range(3):
            before = _month_before(before)
        return _so_far(first, before, today)
    if name == "year":
        first = today.replace(month=1, day=1)
        return _so_far(first, first.replace(year=first.year - 1), today)
    if name == "last-month":
        first, last = _month_before(today), today.replace(day=1) - DAY
        return Span(first, last), Span(_month_before(first), first - DAY)
    lengths = {"today": 1, "7d": 7, "30d": 30}
    if name not in lengths:
        raise ReportRefused(f"There is no period {name!r}. Use one of: {', '.join(NAMES)}.")
    return _with_before(Span(today - (lengths[name] - 1) * DAY, today))


def custom(first: str, last: str) -> tuple[Span, Span]:
    span = Span(_day(first, "first"), _day(last, "last"))
    if span.first > span.last:
        raise ReportRefused("The first day comes after the last. Swap them.")
    if span.days > MOST_DAYS:
        raise ReportRefused(f"A report covers {MOST_DAYS} days at most. Choose a shorter period.")
    return _with_before(span)


def _day(text: str, name: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ReportRefused(
            f"The {name} day {text[:20]!r} is no date. Write it like 2026-11-20."
        ) from None
    if not FIRST <= day <= LAST:
        raise ReportRefused(f"The {name} day {text} is too far away. Use one from {FIRST} on.")
    return day


def _with_before(span: Span) -> tuple[Span, Span]:
    return span, Span(span.first - span.days * DAY, span.first - DAY)


def _so_far(first: date, before: date, today: date) -> tuple[Span, Span]:
    """As many days of the period before, but none that belong to this one."""
    span = Span(first, today)
    return span, Span(before, min(before + (span.days - 1) * DAY, first - DAY))


def _month_before(day: date) -> date:
    return (day.replace(day=1) - DAY).replace(day=1)


def _end_of_step(begin: date, days: int) -> date:
    if days <= MOST_DAILY:
        return begin
    if days <= MOST_WEEKLY:
        return begin + (6 - begin.weekday()) * DAY
    following = date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
    return following - DAY
