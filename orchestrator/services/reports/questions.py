"""What a report is asked: read from a query string or a command, checked, written back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from orchestrator.models import Currency, User
from orchestrator.services.reports import baselines, names, scopes, spans
from orchestrator.services.reports.baselines import Baseline
from orchestrator.services.reports.refusals import ReportRefused
from orchestrator.services.reports.scopes import Scope
from orchestrator.services.reports.spans import Span
from orchestrator.services.setup import fleet

MOST_VALUES = 20
MOST_CHARS = 200
SORTS = ("cost", "trips", "name", "failed", "saved")
PEOPLE = ("member", "token")


@dataclass(frozen=True, slots=True)
class Question:
    scope: Scope
    span: Span
    before: Span
    period: str = spans.DEFAULT
    group: str = "gear"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    currency: str = Currency.USD
    baseline: Baseline = field(default_factory=Baseline)
    sort: str = "cost"

    def pairs(self) -> list[tuple[str, str]]:
        """Everything but defaults that move with the day: a saved month is the month of then."""
        found = [("scope", self.scope.key), ("period", self.period), ("group", self.group)]
        if self.period == spans.CUSTOM:
            found += [("from", str(self.span.first)), ("to", str(self.span.last))]
        found += [(name, value) for name, many in self.filters.items() for value in many]
        found += [("currency", self.currency), ("sort", self.sort)]
        return found + ([("baseline", self.baseline.name)] if self.baseline.name else [])

    @property
    def query(self) -> str:
        return urlencode(self.pairs())

    def with_values(self, **changed: str) -> str:
        """The query with some names replaced, or left out where the value is empty."""
        kept = [(name, value) for name, value in self.pairs() if name not in changed]
        return urlencode([*kept, *((name, value) for name, value in changed.items() if value)])


def read(user: User, asked: Mapping[str, Sequence[str]], today: date) -> Question:
    """Unknown names ask nothing; a value that cannot be meant is refused with a sentence.

    Raises `OutOfSight` for a scope that this person may not see.
    """
    one = {name: _clean(values[-1]) for name, values in asked.items() if values}
    scope = scopes.find(user, one.get("scope", ""))
    period = one.get("period") or (spans.CUSTOM if one.get("from") else spans.DEFAULT)
    if period == spans.CUSTOM:
        span, before = spans.custom(one.get("from", ""), one.get("to", ""))
    else:
        span, before = spans.named(period, today)
    return Question(
        scope=scope,
        span=span,
        before=before,
        period=period,
        group=_group(one.get("group", ""), scope),
        filters=_filters(asked, scope),
        currency=_one_of("currency", one.get("currency", ""), Currency.values)
        or fleet.currency_now(),
        baseline=baselines.named(one.get("baseline", "")),
        sort=_one_of("sort", one.get("sort", ""), SORTS) or "cost",
    )


def _clean(value: str) -> str:
    if "\x00" in value or len(value) > MOST_CHARS:
        raise ReportRefused("A value of the report is too long or holds what no name can.")
    return value.strip()


def _group(name: str, scope: Scope) -> str:
    default = "gear" if scope.user_id or not scope.shows_people else "member"
    group = _one_of("group", name, tuple(names.COLUMNS)) or default
    _check_people(group, scope)
    return group


def _check_people(dimension: str, scope: Scope) -> None:
    if dimension in PEOPLE and not scope.shows_people:
        raise ReportRefused("You see this team's sums, not those of single members.")


def _filters(asked: Mapping[str, Sequence[str]], scope: Scope) -> dict[str, tuple[str, ...]]:
    found = {}
    for name in names.COLUMNS:
        values = tuple(dict.fromkeys(filter(None, map(_clean, asked.get(name, ())))))
        if len(values) > MOST_VALUES:
            raise ReportRefused(f"At most {MOST_VALUES} values of one kind can be asked for.")
        if values:
            _check_people(name, scope)
            found[name] = values
    return found


def _one_of(name: str, value: str, known: Sequence[Any]) -> str:
    if value and value not in known:
        raise ReportRefused(f"{value[:40]!r} is no {name}. Use one of: {', '.join(known)}.")
    return value
