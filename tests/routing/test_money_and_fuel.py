"""Exact costs, worst cases, zones at their exact borders."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing import fuel, money
from orchestrator.routing.types import BudgetView, Fuel, Prices, Rates, Zone, ZoneTable
from tests.routing.fleets import GEARS, budget

TABLE = ZoneTable()
rates = st.builds(Rates, *(st.integers(0, 10**12) for _ in range(4)))
tokens = st.integers(0, 10**7)


@given(st.builds(Prices, rates), tokens, tokens, tokens, tokens)
def test_a_cost_is_the_exact_sum_rounded_up_once(
    prices: Prices, plain: int, output: int, cached: int, written: int
) -> None:
    base = prices.base
    exact = Fraction(
        plain * base.input
        + output * base.output
        + cached * base.cached_input
        + written * base.cache_write,
        10**6,
    )
    cost = money.cost_nano(prices, plain, output, cached, written)
    assert exact <= cost < exact + 1


tiered = st.builds(lambda base, limit, above: Prices(base, ((limit, above),)), rates, tokens, rates)


@given(tiered, tokens, tokens, st.data())
def test_the_worst_case_covers_every_use_within_its_tokens(
    prices: Prices, prompt: int, output: int, data: st.DataObject
) -> None:
    cached = data.draw(st.integers(0, prompt))
    written = data.draw(st.integers(0, prompt - cached))
    plain = data.draw(st.integers(0, prompt - cached - written))
    used = data.draw(st.integers(0, output))
    worst = money.worst_case_nano(prices, prompt, output)
    assert money.cost_nano(prices, plain, used, cached, written) <= worst


def test_long_prompts_are_priced_by_their_tier() -> None:
    prices = Prices(Rates(10**6, 0, 0, 0), ((100, Rates(3 * 10**6, 0, 0, 0)),))
    assert money.cost_nano(prices, 100, 0) == 100
    assert money.cost_nano(prices, 101, 0) == 303


@pytest.mark.parametrize(
    ("used_cents", "zone"),
    [(0, "green"), (29.999, "green"), (30, "yellow"), (59.999, "yellow"), (60, "orange"),
     (79.999, "orange"), (80, "red"), (100, "red"), (250, "red")],
)  # fmt: skip
def test_zones_begin_exactly_at_their_share(used_cents: float, zone: str) -> None:
    assert fuel.zone(budget(1.0, used_cents / 100), TABLE) == zone


def test_what_is_held_counts_like_what_is_spent() -> None:
    held = budget(1.0, 0.0, reserved_nano=300_000_000)
    assert fuel.zone(held, TABLE) is Zone.YELLOW


def test_a_limit_of_nothing_is_red_and_no_limit_is_green() -> None:
    assert fuel.zone(budget(0), TABLE) is Zone.RED
    assert fuel.zone(replace(budget(0), limit_nano=None), TABLE) is Zone.GREEN
    assert fuel.zone(None, TABLE) is Zone.GREEN


@given(st.integers(1, 10**18), st.integers(0, 10**18))
def test_zones_agree_with_exact_fractions(limit: int, used: int) -> None:
    view = replace(budget(1), limit_nano=limit, spent_nano=used)
    share = Fraction(used * 100, limit)
    wanted = (
        "green" if share < 30 else "yellow" if share < 60 else "orange" if share < 80 else "red"
    )
    assert fuel.zone(view, TABLE) == wanted


def test_each_zone_has_its_highest_gear() -> None:
    assert [fuel.level_cap(zone, TABLE) for zone in Zone] == [5, 3, 2, 0]


def test_the_tightest_budget_is_the_one_with_the_largest_share_used() -> None:
    wide, tight = budget(100, 1), budget(1, 0.5, period="month")
    assert fuel.tightest([wide, tight]) is tight
    assert fuel.tightest([replace(wide, limit_nano=None)]) is None


def test_a_gear_draws_on_its_own_budgets() -> None:
    shared, mine, road = (budget(1, name=name) for name in ("shared", "mine", "road"))
    demo = budget(1, name="demo")
    all_of_them = Fuel((shared,), {"anthropic": (mine,)}, {"rally": (road,)}, (demo,))
    opus, canned = GEARS["claude-opus"], GEARS["demo-1"]
    assert fuel.binding(all_of_them, opus, "rally") == (shared, mine, road)
    assert fuel.binding(all_of_them, opus, "convoy") == (shared, mine)
    assert fuel.binding(all_of_them, canned, "rally") == (demo,)


def test_a_refusal_says_whose_budget_how_much_and_until_when() -> None:
    view: BudgetView = budget(2, 1.9, scope="provider", scope_id="anthropic")
    assert fuel.refusal(view) == (
        "The budget of the provider anthropic has $0.1000 of $2.00 left for this day; "
        "it refills tomorrow."
    )


@pytest.mark.parametrize(
    ("nano", "text"),
    [(0, "$0.0000"), (4_100_000, "$0.0041"), (2_500_000_000, "$2.50"), (1_000, "$0.000001")],
)
def test_money_for_people(nano: int, text: str) -> None:
    assert fuel.dollars(nano) == text
