"""Setting limits, granting more, listing, and reading amounts that people type."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.models import ApiToken, Budget, BudgetPeriod, Grant, Membership, Team, User
from orchestrator.services.money import budgets, ledger, overviews
from orchestrator.services.money.budgets import NANO, InvalidAmount, parse_usd
from orchestrator.services.money.ledger import BudgetExhausted
from tests.services import books
from tests.services.drivers import NOW, make_driver, make_hold, set_limits


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("2", 2 * NANO),
        ("2.50", 2_500_000_000),
        (" 2.5 ", 2_500_000_000),
        ("0", 0),
        ("0.000000001", 1),
        ("1000000", 1_000_000 * NANO),
        ("007", 7 * NANO),
    ],
)
def test_plain_decimals_are_amounts(text: str, nano: int) -> None:
    assert parse_usd(text) == nano


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nan", "NaN", "inf", "-1", "+1", "1e3", "1_000", "1,50", "1.", ".5", "$2"),
        *("0.0000000001", "1000000.01", "9999999", "99999999999999999999", "2\n3", "0x10"),
        *("٣", "２", "1.٥", "½", "²", "1 2", "2\x00"),
    ],
)
def test_everything_else_is_no_amount(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_usd(text)


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(InvalidAmount) as refusal:
        parse_usd("9" * 10_000)
    assert len(str(refusal.value)) < 200


@given(st.integers(0, 1_000_000 * NANO))
def test_every_whole_number_of_nano_dollars_can_be_typed(nano: int) -> None:
    assert parse_usd(f"{nano // NANO}.{nano % NANO:09}") == nano


@given(st.text() | st.from_regex(r"[0-9]*[.,]?[0-9]*"))
def test_no_text_gives_anything_but_an_amount_or_a_refusal(text: str) -> None:
    with suppress(InvalidAmount):
        assert 0 <= parse_usd(text) <= 1_000_000 * NANO


@pytest.fixture
def ada(db: None) -> User:
    return make_driver("ada")


def limits() -> dict[tuple[str, str], int | None]:
    return {(row.period, row.currency): row.limit_nano for row in Budget.objects.all()}


@pytest.mark.django_db
def test_a_new_installation_has_limits_in_dollars_and_in_demo_dollars() -> None:
    budgets.ensure_defaults()
    assert limits() == {
        ("day", "usd"): 2 * NANO,
        ("month", "usd"): 20 * NANO,
        ("day", "demo"): 2 * NANO,
        ("month", "demo"): 20 * NANO,
    }


@pytest.mark.django_db
def test_defaults_do_not_undo_what_a_person_chose() -> None:
    budgets.ensure_defaults(budgets.FOR_A_TEAM)
    budgets.set_limit("global", "", "day", None)
    budgets.ensure_defaults()
    assert limits()["day", "usd"] is None
    assert limits()["month", "usd"] == 500 * NANO


@pytest.mark.django_db
def test_defaults_that_are_there_already_are_only_read() -> None:
    budgets.ensure_defaults()
    with CaptureQueriesContext(connection) as asked:
        budgets.ensure_defaults()
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"]


@pytest.mark.django_db
def test_a_limit_that_is_missing_is_added_to_those_that_are_there() -> None:
    budgets.ensure_defaults()
    Budget.objects.filter(period="month", currency="demo").delete()
    budgets.ensure_defaults()
    assert limits()["month", "demo"] == 20 * NANO
    assert len(limits()) == 4


def test_a_new_limit_counts_at_once(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    ledger.reserve(make_hold(ada, 90), NOW)
    set_limits([("global", "", "day", 200)])
    ledger.reserve(make_hold(ada, 90), NOW)
    set_limits([("global", "", "day", None)])
    ledger.reserve(make_hold(ada, 900), NOW)
    assert Budget.objects.count() == 1


def test_lowering_a_limit_below_what_is_held_keeps_the_holds_and_refuses_more(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    held = ledger.reserve(make_hold(ada, 90), NOW)
    set_limits([("global", "", "day", 50)])
    with pytest.raises(BudgetExhausted) as refusal:
        ledger.reserve(make_hold(ada, 1), NOW)
    assert refusal.value.view.left_nano == 0
    ledger.settle(held.pk, 20)
    ledger.reserve(make_hold(ada, 30), NOW)
    assert books.faults(books.rows()) == []


def test_a_limit_does_not_rewrite_periods_that_are_over(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    ledger.reserve(make_hold(ada, 10), NOW)
    budgets.set_limit("global", "", "day", 5, now=NOW + timedelta(days=1))
    assert BudgetPeriod.objects.get().limit_nano == 100


def test_a_grant_is_for_the_running_period_only(ada: User) -> None:
    budget = budgets.set_limit("global", "", "day", 100, now=NOW)
    budgets.grant(budget, 50, "demo for the board", ada, now=NOW)
    ledger.reserve(make_hold(ada, 150), NOW)
    with pytest.raises(BudgetExhausted):
        ledger.reserve(make_hold(ada, 101), NOW + timedelta(days=1))
    made = Grant.objects.get()
    assert (made.amount_nano, made.note, made.made_by) == (50, "demo for the board", ada)


@pytest.mark.parametrize("amount_nano", [0, -1, 2_000_000 * NANO])
def test_a_grant_is_a_real_amount(ada: User, amount_nano: int) -> None:
    budget = budgets.set_limit("global", "", "day", 100, now=NOW)
    with pytest.raises(InvalidAmount):
        budgets.grant(budget, amount_nano, "", ada, now=NOW)


@pytest.mark.parametrize(
    ("scope", "scope_id", "period", "limit_nano"),
    [
        ("global", "somebody", "day", 1),
        ("user", "", "day", 1),
        ("planet", "x", "day", 1),
        ("user", "1", "week", 1),
        ("user", "1", "day", -1),
        ("user", "1", "day", 2_000_000 * NANO),
    ],
)
@pytest.mark.django_db
def test_impossible_budgets_are_refused(
    scope: str, scope_id: str, period: str, limit_nano: int
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        budgets.set_limit(scope, scope_id, period, limit_nano)
    assert not Budget.objects.exists()


@pytest.mark.django_db
def test_people_see_the_budgets_that_bind_them_and_the_owner_sees_all() -> None:
    owner = User.objects.create(username="olga", is_owner=True)
    member, stranger = make_driver("max"), make_driver("sven")
    team = Team.objects.create(name="Acme")
    Membership.objects.create(user=member, team=team)
    token = ApiToken.objects.create(user=member, name="ci", public_id="p", digest="d")
    set_limits(
        [
            ("global", "", "day", 1),
            ("team", str(team.pk), "day", 2),
            ("user", str(member.pk), "day", 3),
            ("token", str(token.pk), "day", 4),
            ("user", str(stranger.pk), "day", 5),
            ("provider", "openai", "day", 6),
        ]
    )
    seen = {
        user.username: [line.view.name for line in overviews.overview(user, NOW)]
        for user in (owner, member, stranger)
    }
    assert seen == {
        "olga": ["this installation", "Acme", "max", "sven", "ci", "openai"],
        "max": ["this installation", "Acme", "max", "ci", "openai"],
        "sven": ["this installation", "sven", "openai"],
    }
    assert not BudgetPeriod.objects.exists()


@pytest.mark.django_db
def test_the_tightest_is_the_one_that_the_gauge_shows() -> None:
    member, team = make_driver("max"), Team.objects.create(name="Acme")
    Membership.objects.create(user=member, team=team)
    set_limits([("global", "", "day", 100), ("team", str(team.pk), "day", 50)])
    held = make_hold(member, 10, team_id=team.pk)
    ledger.reserve(held, NOW)
    for current, name in ((team, "Acme"), (None, "this installation")):
        member.current_team = current
        found = [line.view.name for line in overviews.overview(member, NOW) if line.is_tightest]
        assert found == [name]
