"""The gauge shows the tightest budget in numbers and in words."""

from datetime import timedelta

import pytest

from orchestrator.models import User
from orchestrator.services.money import budgets, gauges, ledger
from orchestrator.services.money.budgets import NANO
from orchestrator.services.money.gauges import Gauge
from tests.services.drivers import NOW, make_driver, make_hold, set_limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_driver("ada")


def spend(user: User, amount_nano: int, days_ago: int = 0, currency: str = "usd") -> None:
    hold = make_hold(user, amount_nano, currency=currency)
    ledger.settle(ledger.reserve(hold, NOW - timedelta(days=days_ago)).pk, amount_nano)


def read(user: User, currency: str = "usd") -> Gauge:
    shown = gauges.for_user_id(user.pk, currency=currency, now=NOW)
    assert shown is not None
    return shown


@pytest.mark.parametrize(
    ("spent", "zone", "max_level", "gears", "word"),
    [
        (0, "green", 5, "all gears", "plenty left"),
        (29, "green", 5, "all gears", "plenty left"),
        (30, "yellow", 3, "gears up to G3", "a good part is used"),
        (60, "orange", 2, "gears up to G2", "running low"),
        (80, "red", 0, "only gears that cost nothing", "nearly empty"),
        (100, "red", 0, "only gears that cost nothing", "empty"),
    ],
)
def test_zone_and_words_follow_the_share_used(
    ada: User, spent: int, zone: str, max_level: int, gears: str, word: str
) -> None:
    set_limits([("global", "", "day", 100 * NANO)])
    spend(ada, spent * NANO)
    shown = read(ada)
    assert (shown["zone"], shown["max_level"], shown["gears"]) == (zone, max_level, gears)
    assert (shown["word"], shown["used_percent"]) == (word, spent)


def test_what_is_held_counts_as_used(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    ledger.reserve(make_hold(ada, 70), NOW)
    assert read(ada)["zone"] == "orange"


def test_the_tightest_budget_is_shown_with_its_name_and_refill(ada: User) -> None:
    set_limits([("global", "", "day", 20 * NANO), ("user", str(ada.pk), "month", 10 * NANO)])
    spend(ada, 4 * NANO)
    shown = read(ada)
    assert shown["budget"] == "your monthly budget"
    assert (shown["left"], shown["limit"], shown["used"]) == ("$6.00", "$10.00", "$4.00")
    assert shown["text"] == (
        "Your monthly budget: $6.00 left of $10.00, yellow zone, gears up to G3; "
        "refills 1 December 2026, 00:00 (UTC)."
    )


def test_demo_dollars_have_a_gauge_of_their_own(ada: User) -> None:
    budgets.ensure_defaults()
    spend(ada, NANO, currency="demo")
    assert read(ada)["zone"] == "green"
    shown = read(ada, "demo")
    assert (shown["zone"], shown["budget"]) == ("yellow", "daily budget of this installation")
    assert "of $2.00 in demo dollars" in shown["text"]


def test_a_budget_without_limit_only_counts(ada: User) -> None:
    set_limits([("global", "", "day", None)])
    spend(ada, NANO)
    shown = read(ada)
    assert (shown["left_nano"], shown["zone"], shown["used_percent"]) == (None, "green", 0)
    assert shown["text"] == "No limit; $1.00 used this day."


def test_without_any_budget_there_is_no_gauge(ada: User) -> None:
    assert gauges.for_user_id(ada.pk, now=NOW) is None


def test_a_limit_of_nothing_is_used_up(ada: User) -> None:
    set_limits([("global", "", "day", 0)])
    assert (read(ada)["zone"], read(ada)["used_percent"]) == ("red", 100)


@pytest.mark.parametrize(
    ("daily", "empties"),
    [(5, "Empties about Thursday 26 November 19:12."), (1, "")],
)
def test_a_month_that_will_not_last_says_when_it_empties(
    ada: User, daily: int, empties: str
) -> None:
    set_limits([("global", "", "day", 1000), ("global", "", "month", 100)])
    for days_ago in range(5):
        spend(ada, daily, days_ago)
    spend(ada, 100 - 5 * daily - 35, days_ago=12)
    # 25 went in the last four and a half days, so 35 last 6.3; what was before does not count.
    assert read(ada)["left_nano"] == 35
    assert read(ada)["empties"] == empties
