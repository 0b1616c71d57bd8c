"""When a budget empties: exact where every day is alike, wider where days differ, honest else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.models import Budget
from orchestrator.services.money import budgets, forecasts, ledger
from orchestrator.services.money.forecasts import Pace, forecast
from tests.services.drivers import NOW, make_driver, make_hold

REFILL = datetime(2026, 12, 1, tzinfo=UTC)
EVEN = Pace((10, 10, 10, 10, 10, 10), 5, 0.5)


def test_even_days_give_one_moment() -> None:
    found = forecast(25, EVEN, NOW, REFILL)
    assert (found.kind, found.at) == ("empties", NOW + timedelta(days=2.5))
    assert found.text == "Empties about Monday 00:00."


def test_uneven_days_give_an_interval_around_it() -> None:
    found = forecast(25, Pace((0, 20, 5, 15, 12, 8), 5, 0.5), NOW, REFILL)
    assert found.kind == "empties"
    assert found.earliest is not None
    assert found.at is not None
    assert NOW < found.earliest < found.at
    assert found.latest is None or found.at < found.latest
    assert "between" in found.text


def test_what_lasts_says_so() -> None:
    assert forecast(2_000, EVEN, NOW, REFILL).kind == "lasts"
    unsure = forecast(115, Pace((0, 30, 0, 20, 0, 10), 5, 0.5), NOW, REFILL)
    assert unsure.kind == "lasts"
    assert "or empties from" in unsure.text


@pytest.mark.parametrize(
    ("left", "pace", "kind", "words"),
    [
        (9, Pace((5, 5), 5, 0.5), "unknown", "Too little data for a forecast: 2 whole days"),
        (9, Pace((), 5, 0.5), "unknown", "3 are needed"),
        (9, Pace((0, 0, 0, 0), 0, 0.5), "idle", "Nothing was spent"),
        (0, EVEN, "empty", "Empty until it refills Tuesday 1 December 00:00"),
        (None, EVEN, "unlimited", "No limit"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(
    left: int | None, pace: Pace, kind: str, words: str
) -> None:
    found = forecast(left, pace, NOW, REFILL)
    assert (found.kind, words in found.text) == (kind, True)


paces = st.builds(
    Pace,
    st.lists(st.integers(0, 10**15), min_size=3, max_size=6).map(tuple),
    st.integers(0, 10**15),
    st.floats(0, 1),
)


@given(paces.filter(lambda pace: pace.mean_nano > 0), st.integers(1, 10**15))
def test_the_moment_lies_in_its_interval(pace: Pace, left_nano: int) -> None:
    expected, earliest, latest = forecasts.days_until_empty(left_nano, pace)
    assert 0 < earliest <= expected * 1.000001
    assert latest >= expected * 0.999999
    shown = forecast(left_nano, pace, NOW, REFILL)
    assert shown.kind in ("empties", "lasts")
    assert shown.at is None or NOW <= shown.at <= REFILL


@pytest.mark.django_db
def test_a_month_counts_the_days_of_its_own_place_also_without_a_daily_budget() -> None:
    ada = make_driver("ada")
    month = budgets.set_limit("user", str(ada.pk), "month", 100, now=NOW)
    budgets.set_limit("global", "", "day", 900, now=NOW)
    assert forecasts.for_budgets([month], NOW)[month.pk].kind == "unknown"
    for days_ago in (5, 4, 2, 1):
        held = ledger.reserve(make_hold(ada, 10), NOW - timedelta(days=days_ago))
        ledger.settle(held.pk, 10)
    found = forecasts.for_budgets(Budget.objects.all(), NOW)
    assert found[month.pk].kind == "empties"
    assert found[month.pk].document()["earliest"] < found[month.pk].document()["at"]
