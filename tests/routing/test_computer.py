"""The decision as a whole: the cheapest gear that does it well, within every limit."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.routing import computer, receipt
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import (
    Action,
    Capability,
    Condition,
    Conditions,
    Fleet,
    Learned,
    Overrides,
    Pattern,
    Plan,
    PolicySpec,
    PreviousTurn,
    Refusal,
    RuleSpec,
    Task,
    Zone,
)
from tests.routing.fleets import (
    ANTHROPIC,
    FLEET,
    GEARS,
    ROADS,
    budget,
    fleet_of,
    with_budget,
)
from tests.routing.test_roads import TASKS

BALANCED = PRESETS["balanced"]
NOTHING = Conditions()
CLAUDE = fleet_of(*ANTHROPIC)


def decide(
    text: str = "Explain quantum computing",
    fleet: Fleet = CLAUDE,
    conditions: Conditions = NOTHING,
    policy: PolicySpec = BALANCED,
    **fields: object,
) -> Plan | Refusal:
    return computer.plan(Task(text, **fields), fleet, conditions, policy, random.Random(3))  # type: ignore[arg-type]


def planned(*arguments: object, **fields: object) -> Plan:
    decision = decide(*arguments, **fields)  # type: ignore[arg-type]
    assert isinstance(decision, Plan), decision
    return decision


def refused(*arguments: object, **fields: object) -> Refusal:
    decision = decide(*arguments, **fields)  # type: ignore[arg-type]
    assert isinstance(decision, Refusal), decision
    return decision


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.name)
def test_with_one_vendor_each_road_gets_its_default_gear(road: object) -> None:
    text = TASKS[road.name][0]  # type: ignore[attr-defined]
    plan = planned(text)
    assert plan.chosen.gear.name == road.default_gear  # type: ignore[attr-defined]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.name)
def test_with_every_vendor_the_gear_is_never_dearer_nor_worse_than_wanted(road: object) -> None:
    conditions = Conditions(unavailable={"demo": "off"})
    plan = planned(TASKS[road.name][0], FLEET, conditions)  # type: ignore[attr-defined]
    assert plan.chosen.quality >= BALANCED.target_quality
    default = next(c for c in plan.candidates if c.gear.name == road.default_gear)  # type: ignore[attr-defined]
    assert (plan.chosen.cost_nano or 0) <= (default.cost_nano or 0)


@pytest.mark.parametrize("text", [texts[0] for texts in TASKS.values()])
def test_a_higher_policy_never_expects_less(text: str) -> None:
    low, middle, high = (planned(text, policy=PRESETS[name]).chosen.quality for name in PRESETS)
    assert low <= middle <= high


def test_a_named_gear_is_a_pin_without_fallbacks() -> None:
    plan = planned(overrides=Overrides(gear="claude-opus"))
    assert (plan.chosen.gear.name, plan.is_pinned, plan.fallbacks) == ("claude-opus", True, ())


@pytest.mark.parametrize(
    ("conditions", "kind"),
    [
        (Conditions(unavailable={"anthropic": "needs a key"}), "no_provider"),
        (Conditions(open_breakers={"claude-opus": 30}), "health"),
        (with_budget(budget(1, 0.35)), "budget"),
        (with_budget(budget(0.0001)), "budget"),
    ],
)
def test_a_pin_that_cannot_be_is_refused_and_never_replaced(
    conditions: Conditions, kind: str
) -> None:
    refusal = refused(conditions=conditions, overrides=Overrides(gear="claude-opus"))
    assert refusal.kind == kind
    assert "claude-opus" in refusal.message
    assert refusal.next_step
    # whose budget, how much and until when
    assert ("left for this day; it refills" in refusal.message) == (kind == "budget")


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        (Overrides(gear="claude-opsu"), "claude-opus"),
        (Overrides(road="motor-way"), "motorway"),
        (Overrides(provider="antropic"), "anthropic"),
        (Overrides(gear="zzz"), "clutch gears list"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(overrides: Overrides, hint: str) -> None:
    refusal = refused(overrides=overrides)
    assert refusal.kind == "unknown_name"
    assert hint in refusal.next_step


def test_vision_is_a_hard_rule() -> None:
    kimi = fleet_of("kimi-code", "kimi-vision")
    assert planned("What is this?", kimi, images=1).chosen.gear.name == "kimi-vision"
    refusal = refused("What is this?", fleet_of("kimi-code"), images=1)
    assert refusal.kind == "capability"
    assert "images" in refusal.message


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"pdfs": 1}, "PDF"),
        ({"has_tools": True}, "tools"),
        ({"needs_json_schema": True}, "schema"),
        ({"context_tokens": 300_000}, "window"),
    ],
)
def test_what_a_gear_cannot_do_leaves_it_out(fields: dict[str, object], reason: str) -> None:
    bare = replace(GEARS["claude-opus"], capabilities=frozenset())
    refusal = refused(fleet=replace(CLAUDE, gears=(bare,)), **fields)
    assert reason in refusal.candidates[0].left_out


@pytest.mark.parametrize(
    ("used", "levels"), [(0.0, {1, 3, 5}), (0.3, {1, 3}), (0.6, {1}), (0.8, set())]
)
def test_each_zone_closes_its_gears(used: float, levels: set[int]) -> None:
    decision = decide(conditions=with_budget(budget(1000, used * 1000)))
    assert {c.gear.level for c in decision.candidates if c.fits} == levels


def test_in_the_red_zone_local_gears_still_answer() -> None:
    fleet = fleet_of(*ANTHROPIC, "ollama-qwen")
    plan = planned(fleet=fleet, conditions=with_budget(budget(1, 0.9)))
    assert (plan.chosen.gear.name, plan.zone) == ("ollama-qwen", Zone.RED)


def test_a_refusal_names_the_budget_and_what_still_works() -> None:
    refusal = refused(conditions=with_budget(budget(1, 0.9)))
    assert refusal.kind == "budget"
    assert "refills tomorrow" in refusal.message
    assert "local" in refusal.message


def test_the_demo_answers_only_while_nothing_real_is_set_up() -> None:
    alone = planned(fleet=fleet_of("demo-3", "claude-sonnet"), conditions=Conditions(
        unavailable={"anthropic": "needs a key"}))  # fmt: skip
    assert alone.chosen.gear.name == "demo-3"
    beside = planned(fleet=fleet_of("demo-3", "claude-sonnet"))
    assert [c.gear.name for c in beside.candidates if c.fits] == ["claude-sonnet"]
    asked = planned(fleet=fleet_of("demo-3", "claude-sonnet"), overrides=Overrides(gear="demo-3"))
    assert asked.chosen.gear.name == "demo-3"


def test_real_trips_never_fall_back_to_the_demo() -> None:
    plan = planned(fleet=fleet_of("demo-3", *ANTHROPIC))
    assert not any(candidate.gear.is_demo for candidate in plan.fallbacks)


def test_agents_are_for_their_owner_and_only_by_name() -> None:
    fleet = fleet_of("claude-code", "claude-haiku")
    mine = Conditions(is_owner_at_machine=True)
    pin = Overrides(gear="claude-code")
    assert refused(fleet=fleet, overrides=pin).kind == "policy"
    assert planned(fleet=fleet, conditions=mine).chosen.gear.name == "claude-haiku"
    assert planned(fleet=fleet, conditions=mine, overrides=pin).chosen.gear.name == "claude-code"


def test_an_unknown_price_is_never_taken_for_nothing() -> None:
    unpriced = replace(GEARS["claude-haiku"], prices=None)
    refusal = refused(fleet=replace(CLAUDE, gears=(unpriced,)))
    assert "price is unknown" in refusal.candidates[0].left_out


def test_a_profile_s_limits_hold_even_for_pins() -> None:
    small = replace(BALANCED, max_level=3)
    assert refused(policy=small, overrides=Overrides(gear="claude-opus")).kind == "policy"
    only = replace(BALANCED, allowed_gears=frozenset({"claude-haiku"}))
    assert planned(policy=only).chosen.gear.name == "claude-haiku"


def with_rule(when: Condition, then: Action) -> Fleet:
    return replace(CLAUDE, rules=(RuleSpec("mine", when, then, reason="because"),))


def test_a_rule_chooses_the_gear_and_is_told() -> None:
    fleet = with_rule(Condition(keywords=("tulip",)), Action(use_gear="claude-opus"))
    plan = planned("A tulip", fleet)
    assert (plan.chosen.gear.name, plan.rule) == ("claude-opus", "mine")
    assert planned("Tulipmania", fleet).rule == ""


def test_an_empty_rule_matches_nothing() -> None:
    assert planned(fleet=with_rule(Condition(), Action(use_gear="claude-opus"))).rule == ""


def test_a_person_s_pin_wins_over_a_rule_s() -> None:
    fleet = with_rule(Condition(languages=frozenset({"en"})), Action(use_gear="claude-opus"))
    plan = planned(fleet=fleet, overrides=Overrides(gear="claude-haiku"))
    assert plan.chosen.gear.name == "claude-haiku"


def test_a_rule_can_bound_levels_throttle_and_pattern() -> None:
    then = Action(min_level=4, throttle=10, pattern=Pattern.TEAM)
    plan = planned(fleet=with_rule(Condition(min_difficulty=0.0), then))
    assert (plan.chosen.gear.level, plan.chosen.setting.throttle) == (5, 10)
    assert plan.pattern is Pattern.TEAM


def test_inside_a_tool_loop_the_gear_stays() -> None:
    previous = PreviousTurn("dirt-road", "claude-opus", 5, in_tool_loop=True)
    assert (
        planned("Fix the typo", previous=previous, has_tools=True).chosen.gear.name == "claude-opus"
    )
    gone = Conditions(open_breakers={"claude-opus": 60})
    shifted = planned("Fix the typo", conditions=gone, previous=previous, has_tools=True)
    assert shifted.chosen.gear.name != "claude-opus"


def test_bad_experience_moves_the_choice_up() -> None:
    learned = {("country-road", "claude-sonnet"): Learned(good=0, bad=30)}
    plan = planned(conditions=Conditions(learned=learned))
    assert plan.chosen.gear.name == "claude-opus"


def test_exploration_is_marked_and_keeps_to_what_fits() -> None:
    always = replace(BALANCED, exploration_rate=1.0)
    fleet = fleet_of(*ANTHROPIC, "gemini-pro", "gemini-flash")
    plan = planned(fleet=fleet, policy=always)
    assert plan.is_exploration
    assert plan.chosen.fits
    pinned = planned(fleet=fleet, policy=always, overrides=Overrides(gear="claude-opus"))
    assert not pinned.is_exploration
    assert not planned(fleet=fleet, policy=always, has_tools=True).is_exploration


def test_the_baseline_is_the_dearest_gear_that_could_have_done_it() -> None:
    plan = planned()
    assert plan.baseline_gear == "claude-opus"
    assert (plan.baseline_nano or 0) > (plan.chosen.cost_nano or 0)


def test_the_clutch_prefers_another_provider_that_is_as_good() -> None:
    plan = planned(fleet=fleet_of(*ANTHROPIC, "gemini-pro"), conditions=Conditions())
    names = [candidate.gear.name for candidate in plan.fallbacks]
    assert plan.chosen.gear.name == "gemini-pro"
    assert names == ["claude-sonnet", "claude-opus", "claude-haiku"]


DECISIONS = [
    decide(),
    decide(fleet=FLEET),
    decide(conditions=with_budget(budget(1, 0.9))),
    decide(overrides=Overrides(gear="nobody")),
]


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_has_a_receipt_in_json(decision: Plan | Refusal) -> None:
    document = receipt.document(decision)
    assert json.loads(json.dumps(document)) == document
    assert document["line"]


def test_the_line_tells_road_gear_throttle_pattern_and_cost() -> None:
    document = receipt.document(planned())
    assert document["line"].startswith("Standard task · country road → G3 ")
    assert "throttle 50 % · single · ≈ $0.0" in document["line"]


names = st.sampled_from(list(GEARS))
some = st.frozensets(names, max_size=8)
worlds = st.builds(
    Conditions,
    fuel=st.builds(
        lambda limit, used: with_budget(budget(limit, used)).fuel, st.floats(0, 5), st.floats(0, 5)
    ),
    unavailable=st.dictionaries(names, st.just("off"), max_size=8),
    open_breakers=st.dictionaries(names, st.just(60.0), max_size=8),
    is_owner_at_machine=st.booleans(),
)
tasks = st.builds(
    Task,
    st.sampled_from([text for texts in TASKS.values() for text in texts]) | st.text(max_size=40),
    context_tokens=st.sampled_from([0, 1_000, 50_000, 500_000]),
    images=st.integers(0, 1),
    has_tools=st.booleans(),
)
policies = st.builds(
    PolicySpec,
    target_quality=st.sampled_from([0.55, 0.8, 0.92]),
    allowed_gears=st.none() | some,
    max_level=st.integers(1, 5),
    exploration_rate=st.sampled_from([0.0, 1.0]),
)


@settings(max_examples=300, deadline=None)
@given(tasks, worlds, policies, st.integers(0, 9))
def test_no_constraint_is_ever_broken(
    task: Task, world: Conditions, policy: PolicySpec, seed: int
) -> None:
    decision = computer.plan(task, FLEET, world, policy, random.Random(seed))
    if isinstance(decision, Refusal):
        return
    chosen, gear = decision.chosen, decision.chosen.gear
    assert gear.name not in world.unavailable
    assert gear.name not in world.open_breakers
    assert policy.allowed_gears is None or gear.name in policy.allowed_gears
    assert gear.level <= policy.max_level
    assert not gear.is_agentic
    assert not task.images or Capability.VISION in gear.capabilities
    assert not task.has_tools or Capability.TOOLS in gear.capabilities
    assert task.context_tokens <= gear.context_window
    if not gear.is_free:
        views = world.fuel.demo if gear.is_demo else world.fuel.shared
        assert all((chosen.reserve_nano or 0) <= (view.left_nano or 0) for view in views)


@settings(max_examples=100, deadline=None)
@given(tasks, worlds, policies, st.integers(0, 9))
def test_the_same_arguments_give_the_same_decision(
    task: Task, world: Conditions, policy: PolicySpec, seed: int
) -> None:
    first = computer.plan(task, FLEET, world, policy, random.Random(seed))
    assert first == computer.plan(task, FLEET, world, policy, random.Random(seed))


@settings(max_examples=100, deadline=None)
@given(tasks, st.floats(0, 5), st.floats(0, 5), st.floats(0, 50))
def test_more_budget_never_turns_a_plan_into_a_refusal(
    task: Task, limit: float, used: float, more: float
) -> None:
    before = decide_with(task, limit, used)
    after = decide_with(task, limit + more, used)
    assert isinstance(after, Plan) or isinstance(before, Refusal)


def decide_with(task: Task, limit: float, used: float) -> Plan | Refusal:
    world = with_budget(budget(limit, used))
    return computer.plan(task, CLAUDE, world, BALANCED, random.Random(0))
