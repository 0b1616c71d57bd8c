"""What plans will cost: more calls cost more, a cap is always enough for what was expected."""

import pytest

from orchestrator.patterns import plans, pricing
from orchestrator.patterns.plans import Part, Swarm
from orchestrator.patterns.pricing import Items
from orchestrator.routing import gearbox, throttle
from orchestrator.routing.types import Candidate
from tests.routing.fleets import FLEET

GEAR = next(gear for gear in FLEET.gears if gear.prices and gear.prices.base.output)


def candidate(cost_nano: int = 1_000_000) -> Candidate:
    setting = throttle.setting_for(GEAR, 50, None)
    reserve = gearbox.reserve_nano(GEAR, 500, setting.max_output_tokens)
    return Candidate(GEAR, 0.9, cost_nano, reserve, 2.0, setting, output_tokens=500)


def chosen(plan: plans.RunPlan) -> dict[str, Candidate]:
    return {place.path: candidate() for place in plans.places(plan)}


@pytest.mark.parametrize("pattern", ["convoy", "team", "hybrid"])
def test_the_low_end_is_below_the_high_one_and_the_cap_above_both(pattern: str) -> None:
    plan = plans.default_for(pattern)
    assert plan is not None
    found = pricing.estimate(plan, chosen(plan), Items())
    assert 0 < found.low_nano < found.high_nano < found.cap_nano
    assert found.calls == len(plans.places(plan))
    assert found.cap_nano % pricing.CAP_STEP_NANO == 0


def test_steps_take_their_time_one_after_the_other_and_roles_side_by_side() -> None:
    convoy, team = plans.default_for("convoy"), plans.default_for("team")
    assert convoy is not None
    assert team is not None
    assert pricing.estimate(convoy, chosen(convoy), Items()).seconds == 6.0
    assert pricing.estimate(team, chosen(team), Items()).seconds == 4.0


def test_a_swarm_costs_as_many_calls_as_it_has_items() -> None:
    plan = Swarm(parallel=10)
    one = pricing.estimate(plan, chosen(plan), Items(1, 40))
    many = pricing.estimate(plan, chosen(plan), Items(1_000, 40_000))
    assert many.low_nano == 1_000 * one.low_nano
    assert many.seconds == 100 * one.seconds
    assert many.hold_nano == one.hold_nano


def test_a_check_may_have_each_item_asked_again() -> None:
    checked = Swarm(check=plans.ItemCheck(regex="a"), retries=2)
    found = pricing.estimate(checked, chosen(checked), Items(10, 100))
    assert (found.calls, found.most_calls) == (10, 30)
    judged = Swarm(check=plans.ItemCheck(judge="Is it right?"), retries=0)
    assert pricing.estimate(judged, chosen(judged), Items(10, 100)).calls == 20


def test_a_step_that_sends_back_may_cost_two_calls_more() -> None:
    plan = plans.Convoy((Part("do"), Part("check", sends_back=True)))
    found = pricing.estimate(plan, chosen(plan), Items())
    assert (found.calls, found.most_calls) == (2, 4)
