"""What counts and where it comes from: the nearest layer that says something."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing import effective
from orchestrator.routing.effective import FIELDS, OPEN, Layer
from orchestrator.routing.policies import PRESETS, named

values = st.fixed_dictionaries(
    {},
    optional={
        "policy": st.sampled_from(["", "budget", "premium", "35"]),
        "max_level": st.integers(1, 5),
        "throttle": st.sampled_from([(0, 100), (20, 60), (40, 100)]),
        "instructions": st.sampled_from(["", "Be brief."]),
        "allowed_gears": st.sampled_from([(), ("a",), ("a", "b")]),
        "budget_share": st.sampled_from([None, 30]),
    },
)


@given(values, values)
def test_each_value_is_the_first_that_is_set(own: dict, teams: dict) -> None:
    layers = [Layer("profile", own, "mine"), Layer("team", teams, "ours")]
    default = Layer("default", {"policy": "balanced"})
    found = effective.as_dict(effective.effective([*layers, default]))
    assert tuple(found) == FIELDS
    for field in FIELDS:
        each = found[field]
        said = [layer for layer in layers if layer.values.get(field, OPEN[field]) != OPEN[field]]
        if said:
            assert (each.source, each.name) == (said[0].source, said[0].name)
            assert each.value == said[0].values[field]
        else:
            assert each.source == "default"
            assert each.value == ("balanced" if field == "policy" else OPEN[field])
    policy = effective.policy_of(tuple(found.values()))
    assert policy is not None
    assert (policy.min_throttle, policy.max_throttle) == found["throttle"].value


def test_the_slider_rises_through_the_presets() -> None:
    places = [named(str(place)) for place in range(101)]
    targets = [each.target_quality for each in places if each is not None]
    assert len(targets) == 101
    assert targets == sorted(targets)
    assert [targets[0], targets[50], targets[100]] == [
        PRESETS[name].target_quality for name in ("budget", "balanced", "premium")
    ]


def test_what_is_no_place_on_the_slider_is_no_policy() -> None:
    for text in ("101", "-1", "1.5", "NaN", "", "५", "0x1", "1e1", "best"):
        assert named(text) is None
