"""Reports: every figure adds up, whatever is asked, and nobody sees what is not theirs."""

from datetime import date
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from orchestrator.models import ApiToken, Gear, Prompt, Provider, Team, User
from orchestrator.services.reports import documents, questions, reading, scopes
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.reading import Report
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused

from .conftest import NOON, MakeTrip

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def ask(user: User, text: str = "") -> Question:
    return questions.read(user, parse_qs(f"currency=usd&{text}"), TODAY)


def answer(user: User, text: str = "") -> Report:
    return reading.answer(ask(user, text))


def test_a_team_owner_sees_members_and_a_stranger_nothing(
    make_trip: MakeTrip, ada: User, bob: User, team: Team
) -> None:
    make_trip(team=team)
    make_trip(bob, team=team, legs=({"cost_nano": 70},))
    make_trip(bob, legs=({"cost_nano": 900},))
    report = answer(ada)
    assert [(line.label, line.figures.cost_nano) for line in report.lines] == [
        ("ada", 1_000),
        ("bob", 70),
    ]
    assert report.totals.cost_nano == 1_070
    eve = User.objects.create_user("eve")
    with pytest.raises(OutOfSight):
        ask(eve, f"scope=team:{team.pk}")
    assert answer(eve).totals.trips == 0
    assert [scope.key for scope in scopes.of(bob)] == ["mine"]


def test_a_viewer_sees_the_team_but_no_person(make_trip: MakeTrip, bob: User, team: Team) -> None:
    make_trip(team=team)
    bob.memberships.update(role="viewer")
    assert answer(bob, f"scope=team:{team.pk}").totals.cost_nano == 1_000
    for query in ("group=member", "group=token", "member=ada", "token=x"):
        with pytest.raises(ReportRefused, match="not those of single members"):
            ask(bob, f"scope=team:{team.pk}&{query}")


def test_the_owner_of_the_installation_sees_everybody(make_trip: MakeTrip, bob: User) -> None:
    make_trip()
    make_trip(bob)
    root = User.objects.create_superuser("root")
    assert answer(root).totals.trips == 2
    assert answer(root, "scope=mine").totals.trips == 0


@pytest.mark.parametrize(
    ("query", "cost_nano"),
    [
        ("", 1111),
        ("gear=g1", 110),
        ("gear=g2", 1001),
        ("gear=g1&gear=g2", 1111),
        ("provider=p2", 1001),
        ("road=lane", 1011),
        ("road=-", 100),
        ("pattern=swarm", 1000),
        ("profile=careful", 1),
        ("profile=-", 1110),
        ("tag=billing", 10),
        ("tag=bill", 0),
        ("tag=-", 1101),
        ("token=abcdefghijkl", 100),
        ("token=-", 1011),
        ("prompt=1", 0),
        ("member=ada", 1111),
        ("member=nobody", 0),
        ("member=-", 0),
        ("team=Kernel", 10),
        ("team=-", 1101),
        ("gear=g2&road=lane&profile=careful", 1),
        ("gear=%27+OR+1%3D1", 0),
        ("user__password=x", 1111),
    ],
)
def test_filters_narrow_to_what_they_name(
    make_trip: MakeTrip, ada: User, team: Team, query: str, cost_nano: int
) -> None:
    token = ApiToken.objects.create(public_id="abcdefghijkl", digest="x", name="ci", user=ada)
    make_trip(legs=({"cost_nano": 1, "gear": "g2", "provider": "p2"},), profile="careful")
    make_trip(team=team, tags="\nbilling\n", legs=({"cost_nano": 10},))
    make_trip(token=token, road="", legs=({"cost_nano": 100},))
    make_trip(legs=({"cost_nano": 1000, "gear": "g2", "provider": "p2"},), pattern="swarm")
    assert answer(ada, f"scope=mine&{query}").totals.cost_nano == cost_nano


def test_a_prompt_is_a_group_with_its_name(make_trip: MakeTrip, ada: User) -> None:
    prompt = Prompt.objects.create(name="review", user=ada)
    make_trip(prompt=prompt)
    make_trip()
    lines = answer(ada, "scope=mine&group=prompt&sort=name").lines
    assert [(line.key, line.label) for line in lines] == [
        ("-", "no prompt"),
        (str(prompt.pk), "review"),
    ]
    assert answer(ada, f"scope=mine&prompt={prompt.pk}").totals.trips == 1


def test_a_trip_with_two_tags_counts_for_both_and_once_in_all(
    make_trip: MakeTrip, ada: User
) -> None:
    make_trip(tags="\na\nb\n")
    report = answer(ada, "group=tag")
    assert [(line.label, line.figures.trips) for line in report.lines] == [("a", 1), ("b", 1)]
    assert report.totals.trips == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("period=decade", "no period"),
        ("group=password", "is no group"),
        ("sort=-user__password", "is no sort"),
        ("currency=eur", "is no currency"),
        ("baseline=nothing", "no gear"),
        ("period=custom&from=2026-11-20&to=2026-11-01", "Swap them"),
        ("period=custom&from=0001-01-01&to=2026-01-01", "too far away"),
        ("period=custom&from=2020-01-01&to=2099-01-01", "at most"),
        ("period=custom&from=NaN&to=inf", "is no date"),
        ("period=custom&from=2026-02-30&to=2026-03-01", "is no date"),
        ("gear=%00", "too long or holds"),
        ("gear=" + "x" * 300, "too long or holds"),
        ("&".join(f"gear=g{number}" for number in range(30)), "At most 20"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    ada: User, query: str, message: str
) -> None:
    with pytest.raises(ReportRefused, match=message):
        ask(ada, query)


def test_it_is_compared_with_as_many_days_before(make_trip: MakeTrip, ada: User) -> None:
    question = ask(ada, "period=month")
    assert (question.span.first, question.span.last) == (date(2026, 11, 1), TODAY)
    assert (question.before.first, question.before.last) == (date(2026, 10, 1), date(2026, 10, 20))
    make_trip()
    make_trip(created_at=NOON.replace(month=10), legs=({"cost_nano": 50},))
    make_trip(created_at=NOON.replace(month=10, day=21), legs=({"cost_nano": 7},))
    report = answer(ada, "period=month")
    assert (report.totals.cost_nano, report.before.cost_nano) == (1_000, 50)
    assert report.lines[0].before.cost_nano == 50


@pytest.mark.parametrize(
    ("period", "first", "before"),
    [
        ("today", date(2026, 3, 31), date(2026, 3, 30)),
        ("7d", date(2026, 3, 25), date(2026, 3, 18)),
        ("month", date(2026, 3, 1), date(2026, 2, 1)),
        ("last-month", date(2026, 2, 1), date(2026, 1, 1)),
        ("quarter", date(2026, 1, 1), date(2025, 10, 1)),
        ("year", date(2026, 1, 1), date(2025, 1, 1)),
    ],
)
def test_periods_never_overlap_with_what_they_are_compared_with(
    ada: User, period: str, first: date, before: date
) -> None:
    question = questions.read(ada, {"period": [period]}, date(2026, 3, 31))
    assert (question.span.first, question.before.first) == (first, before)
    assert question.before.last < question.span.first
    steps = list(question.span.steps())
    assert steps[0].first == question.span.first
    assert steps[-1].last == question.span.last
    assert sum(step.days for step in steps) == question.span.days


def test_savings_follow_the_named_baseline_and_its_formula(make_trip: MakeTrip, ada: User) -> None:
    rates = {"input": 3_000, "output": 9_000_000_000, "cached_input": 0, "cache_write": 0}
    provider = Provider.objects.create(name="p9", kind="openai")
    Gear.objects.create(
        name="g9", level=5, provider=provider, model_id="m", price_source="manual",
        prices={"base": rates, "above": [], "version": "x"},
    )  # fmt: skip
    make_trip(baseline_gear="g5", baseline_nano=5_000, currency="usd")
    recorded = documents.document(answer(ada))
    assert recorded["totals"]["saved_nano"] == 4_000
    named = documents.document(answer(ada, "baseline=g9"))
    # 100 new tokens at 3,000 and 10 written ones at 9,000,000,000 nano-dollars per million
    assert named["totals"]["baseline_nano"] == 90_001
    assert named["totals"]["saved_nano"] == 89_001
    assert "output × $9.00" in named["savings"]["formula"]


def test_a_question_survives_being_written_and_read(ada: User) -> None:
    text = "period=custom&from=2026-01-01&to=2026-02-01&gear=a%26b&gear=c&group=road&sort=name"
    question = ask(ada, text)
    assert questions.read(ada, parse_qs(question.query), TODAY) == question


def test_latency_is_told_for_half_and_for_nearly_all(make_trip: MakeTrip, ada: User) -> None:
    for took_s in [1.2] * 19 + [40]:
        make_trip(took_s=took_s, created_at=timezone.now().replace(hour=0, minute=0))
    totals = reading.answer(
        questions.read(ada, {"currency": ["usd"]}, timezone.now().date())
    ).totals
    assert totals.p50_s == pytest.approx(1.2, rel=0.25)
    assert totals.p95_s == pytest.approx(1.5, rel=0.1)
    assert answer(ada, "period=custom&from=2021-01-01&to=2021-01-01").totals.p50_s is None
