"""What a decision reads of money, and that reading changes nothing."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import BudgetPeriod
from orchestrator.services.money import ledger, zones
from tests.services.drivers import NOW, make_driver, make_hold, set_limits

pytestmark = pytest.mark.django_db


def test_fuel_sorts_the_budgets_of_a_driver(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    ada = make_driver("ada")
    set_limits(
        [
            ("global", "", "day", 100),
            ("user", str(ada.pk), "month", 50),
            ("user", "999", "month", 1),
            ("team", "7", "day", 70),
            ("token", "abc", "day", None),
            ("provider", "openai", "day", 20),
            ("provider", "openai", "month", 30),
            ("road", "rally", "day", 10),
        ]
    )
    set_limits([("global", "", "day", 9), ("road", "rally", "day", 1)], currency="demo")
    zones.table()  # options are kept for seconds
    with django_assert_max_num_queries(1):
        fuel = ledger.fuel_for(ada.pk, 7, "abc", NOW)
    assert [(view.scope, view.period, view.limit_nano) for view in fuel.shared] == [
        ("global", "day", 100),
        ("team", "day", 70),
        ("user", "month", 50),
        ("token", "day", None),
    ]
    assert [view.limit_nano for view in fuel.by_provider["openai"]] == [20, 30]
    assert [view.limit_nano for view in fuel.by_road["rally"]] == [10]
    assert [view.limit_nano for view in fuel.demo] == [9]
    assert not BudgetPeriod.objects.exists()


def test_fuel_shows_what_is_held_and_spent_and_when_it_refills() -> None:
    ada = make_driver("ada")
    set_limits([("global", "", "day", 100), ("global", "", "month", 500)])
    ledger.settle(ledger.reserve(make_hold(ada, 30), NOW).pk, 20)
    ledger.reserve(make_hold(ada, 15), NOW)
    day, month = ledger.fuel_for(ada.pk, now=NOW).shared
    assert (day.spent_nano, day.reserved_nano, day.left_nano) == (20, 15, 65)
    assert (month.spent_nano, month.left_nano) == (20, 465)
    assert day.refills_at == "21 November 2026, 00:00 (UTC)"
    assert month.refills_at == "1 December 2026, 00:00 (UTC)"


def test_a_new_day_is_full_though_nobody_reset_anything() -> None:
    ada = make_driver("ada")
    set_limits([("global", "", "day", 100), ("global", "", "month", 500)])
    ledger.reserve(make_hold(ada, 30), NOW)
    day, month = ledger.fuel_for(ada.pk, now=NOW + timedelta(days=1)).shared
    assert (day.left_nano, month.left_nano) == (100, 470)
