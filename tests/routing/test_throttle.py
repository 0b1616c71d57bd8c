"""The throttle on each model's own switch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing import signals, throttle
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import (
    FREE,
    Effort,
    GearSpec,
    Overrides,
    ReasoningStyle,
    ReasoningSupport,
    Task,
)
from tests.routing.fleets import ROADS

ROAD = next(road for road in ROADS if road.name == "country-road")
supports = st.builds(
    ReasoningSupport,
    st.sampled_from(ReasoningStyle),
    st.lists(st.sampled_from(Effort), unique=True).map(tuple),
    st.integers(0, 64_000),
)


def gear(support: ReasoningSupport, most: int = 64_000) -> GearSpec:
    return GearSpec("g", 3, "p", "m", FREE, 200_000, most, reasoning=support)


@given(supports, st.integers(0, 100), st.none() | st.integers(1, 100_000), st.integers(1, 64_000))
def test_no_setting_exceeds_what_the_model_can_take(
    support: ReasoningSupport, value: int, asked: int | None, most: int
) -> None:
    setting = throttle.setting_for(gear(support, most), value, asked)
    assert 1 <= setting.max_output_tokens <= most
    assert asked is None or setting.max_output_tokens <= asked
    if setting.budget_tokens is not None:
        assert 1_024 <= setting.budget_tokens < setting.max_output_tokens
        assert setting.temperature is None
    if setting.effort is not None and support.style is ReasoningStyle.EFFORT:
        assert setting.effort in support.levels


@pytest.mark.parametrize(
    ("value", "effort"), [(0, "none"), (30, "low"), (50, "medium"), (80, "high"), (100, "max")]
)
def test_effort_follows_the_throttle(value: int, effort: str) -> None:
    support = ReasoningSupport(ReasoningStyle.EFFORT, tuple(Effort))
    assert throttle.setting_for(gear(support), value, None).effort == effort


def test_a_level_the_model_lacks_is_clamped_and_told() -> None:
    support = ReasoningSupport(ReasoningStyle.EFFORT, (Effort.LOW, Effort.MEDIUM))
    setting = throttle.setting_for(gear(support), 100, None)
    assert setting.effort is Effort.MEDIUM
    assert "medium is used" in setting.note


def test_without_a_switch_the_receipt_says_so() -> None:
    setting = throttle.setting_for(gear(ReasoningSupport()), 90, None)
    assert setting.effort is None
    assert "no reasoning switch" in setting.note


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Explain tulips", 50),
        ("Explain tulips asap", 50),
        ("Explain tulips thoroughly", 60),
        ("Explain this simple tulip", 40),
        (
            "Explain the complex distributed system of tulips everywhere, with all that grows "
            "and what it needs",
            65,
        ),
    ],
)
def test_tempo_and_difficulty_move_the_road_s_throttle(text: str, value: int) -> None:
    features = signals.read(Task(text))
    chosen = throttle.choose(ROAD, features, PRESETS["balanced"], Overrides(), None)
    assert chosen == value


def test_a_person_s_throttle_wins_over_a_rule_s() -> None:
    features = signals.read(Task("Explain tulips"))
    wished = Overrides(throttle=5)
    assert throttle.choose(ROAD, features, PRESETS["balanced"], wished, 90) == 5
    assert throttle.choose(ROAD, features, PRESETS["balanced"], Overrides(), 90) == 90
