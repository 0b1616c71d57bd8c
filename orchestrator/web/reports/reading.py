"""From a request to a question and back to a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone

from orchestrator.models import (
    ApiToken,
    Currency,
    Gear,
    Membership,
    Profile,
    Prompt,
    Provider,
    Road,
    User,
)
from orchestrator.routing import fuel
from orchestrator.routing.types import Pattern
from orchestrator.services.reports import figures, names, questions, scopes, spans
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.reading import Line, Report
from orchestrator.services.reports.refusals import OutOfSight
from orchestrator.services.reports.scopes import Scope
from orchestrator.web.reports import charts
from orchestrator.web.reports.charts import Chart, Value

MOST_CHOICES = 500
# A page is for reading; its files hold the rest.
MOST_ROWS = 100
SORT_TITLES = {
    "cost": "cost", "trips": "trips", "name": "name", "failed": "failures", "saved": "savings",
}  # fmt: skip


def question_of(user: User, asked: QueryDict) -> Question:
    """Raises `ReportRefused`; what is out of sight does not exist."""
    try:
        return questions.read(user, dict(asked.lists()), timezone.now().date())
    except OutOfSight:
        raise Http404 from None


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    title: str
    chosen: str
    options: tuple[tuple[str, str], ...]


def choices(user: User, scope: Scope, asked: Mapping[str, Sequence[str]]) -> list[Choice]:
    """What can be filtered by, from what is set up here, never from other people's trips."""
    offered: dict[str, Iterable[tuple[str, str]]] = {
        "gear": ((name, name) for name in _names(Gear)),
        "provider": ((name, name) for name in _names(Provider)),
        "road": Road.objects.order_by("order").values_list("name", "title"),
        "pattern": ((each.value, each.value) for each in Pattern),
        "profile": ((name, name) for name in _profiles(user)),
        "prompt": (
            (str(pk), name)
            for pk, name in Prompt.objects.filter(user=user).values_list("pk", "name")
        ),
        "token": ApiToken.objects.filter(user=user).values_list("public_id", "name"),
    }
    if scope.shows_people and scope.user_id is None:
        offered["member"] = ((name, name) for name in _members(scope))
    if scope.key == scopes.ALL:
        offered["team"] = ((each.title, each.title) for each in scopes.of(user) if each.team_id)
    return [
        Choice(
            name,
            names.TITLES[name],
            next(iter(asked.get(name, ())), ""),
            _options(offered[name], name),
        )
        for name in names.COLUMNS
        if name in offered
    ]


def _options(found: Iterable[tuple[str, str]], name: str) -> tuple[tuple[str, str], ...]:
    return (("", "any"), *list(found)[:MOST_CHOICES], (names.NONE, f"no {name}"))


def _names(model: Any) -> list[str]:
    return list(model.objects.order_by("name").values_list("name", flat=True))


def _profiles(user: User) -> list[str]:
    mine = Profile.objects.filter(user=user) | Profile.objects.filter(user=None)
    return sorted(set(mine.values_list("name", flat=True)))


def _members(scope: Scope) -> list[str]:
    if scope.team_id is None:
        return list(User.objects.order_by("username").values_list("username", flat=True))
    held = Membership.objects.filter(team_id=scope.team_id).order_by("user__username")
    return list(held.values_list("user__username", flat=True))


def controls(request: HttpRequest, user: User, scope: Scope) -> dict[str, Any]:
    """What the form above a report needs, also when its question was refused."""
    asked = dict(request.GET.lists())
    return {
        "asked": request.GET,
        "chosen": {"period": spans.DEFAULT, "sort": "cost", **request.GET.dict()},
        "scopes": scopes.of(user),
        "scope": scope,
        "periods": spans.NAMES.items(),
        "groups": [(name, title) for name, title in names.TITLES.items()],
        "choices": choices(user, scope, asked),
        "currencies": Currency.choices,
        "sorts": SORT_TITLES.items(),
        "baselines": _names(Gear),
    }


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    text: str
    note: str = ""


def cards(report: Report) -> list[Card]:
    now, before, ask = report.totals, report.before, report.question
    p50, p95 = _seconds(now.p50_s), _seconds(now.p95_s)
    failed = "–" if now.failed_share is None else f"{now.failed_share:.1%}"
    saved_nano = ask.baseline.saved_nano(now)
    return [
        Card("Spend", _money(now.cost_nano, ask), _change(now.cost_nano, before.cost_nano)),
        Card("Trips", f"{now.trips:,}", _change(now.trips, before.trips)),
        Card("Cost per trip", _per_trip(now, ask)),
        Card("Saved", _money(saved_nano, ask), f"against {ask.baseline.title}"),
        Card("Failed", failed, f"{now['failed']:,} trips, {now['failed_calls']:,} calls"),
        Card("Time of an answer", f"{p50} / {p95}", "half / 95 % within"),
        Card(
            "Overruled by people",
            f"{now.overrides:,}",
            f"{now['by_hand']:,} chosen by hand, {now['corrected']:,} corrected",
        ),
        Card(
            "Ratings",
            f"{now['good']:,} good, {now['bad']:,} bad",
            f"{now['overkill']:,} overkill, {now['too_slow']:,} too slow",
        ),
        Card(
            "Tokens in",
            f"{now['input_tokens'] + now['cached_input_tokens']:,}",
            f"of them {now['cached_input_tokens']:,} cached",
        ),
        Card(
            "Tokens out",
            f"{now['output_tokens']:,}",
            f"of them {now['reasoning_tokens']:,} reasoning",
        ),
    ]


def _per_trip(found: figures.Figures, ask: Question) -> str:
    nano = found.cost_per_trip_nano
    return "–" if nano is None else _money(nano, ask)


def _money(nano: int, ask: Question) -> str:
    text = fuel.dollars(abs(nano)) if nano else "$0"
    return f"{'−' if nano < 0 else ''}{text}{' demo' if ask.currency == Currency.DEMO else ''}"


def _change(now: int, before: int) -> str:
    share = figures.change(now, before)
    if share is None:
        return "nothing in the period before" if now else ""
    return f"{share:+.0%} against the period before".replace("-", "−")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def chart(report: Report) -> Chart:
    return charts.columns(
        [
            Value(
                f"{step.span.first:%-d %b}",
                step.figures.cost_nano,
                f"{step.span}: {_money(step.figures.cost_nano, report.question)}",
            )
            for step in report.steps
        ]
    )


@dataclass(frozen=True, slots=True)
class Row:
    """Written out here, because a template takes ten times as long for as many cells."""

    line: Line
    cost: str
    width: float
    change: str
    cells: tuple[str, ...]
    narrower: str
    trips: str


def rows(report: Report) -> list[Row]:
    ask = report.question
    most = max((line.figures.cost_nano for line in report.lines), default=0)
    following = "road" if ask.group != "road" else "gear"
    return [
        Row(
            line=line,
            cost=_money(line.figures.cost_nano, ask),
            width=charts.width_of(line.figures.cost_nano, most),
            change=_signed(figures.change(line.figures.cost_nano, line.before.cost_nano)),
            cells=cells(line.figures, ask),
            narrower=ask.with_values(**{ask.group: line.key, "group": following}),
            trips=ask.with_values(**{ask.group: line.key}),
        )
        for line in report.lines[:MOST_ROWS]
    ]


def cells(found: figures.Figures, ask: Question) -> tuple[str, ...]:
    """Behind cost and trips, in the order of the table's head."""
    return (
        _per_trip(found, ask),
        _money(ask.baseline.saved_nano(found), ask),
        f"{found['failed']:,}",
        f"{found['input_tokens']:,}",
        f"{found['cached_input_tokens']:,}",
        f"{found['output_tokens']:,}",
        f"{found['reasoning_tokens']:,}",
        f"{_seconds(found.p50_s)} / {_seconds(found.p95_s)}",
        f"{found.overrides:,}",
        f"{found['good']:,} / {found['bad']:,}",
    )


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{share:+.0%}".replace("-", "−")
