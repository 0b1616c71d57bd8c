"""Plans that would explode are refused before anything is driven, and say which limit they pass."""

from typing import Any

import pytest

from orchestrator.patterns import plans
from orchestrator.patterns.plans import InvalidPlan

STEP = {"name": "step"}


def convoy(name: str, steps: int) -> dict[str, Any]:
    named = [{"name": f"step {number}"} for number in range(steps)]
    return {"name": name, "pattern": "convoy", "steps": named}


def nested(depth: int) -> dict[str, Any]:
    inner = convoy("last", 1)
    for level in range(depth - 1):
        inner = {"name": f"level {level}", "pattern": "hybrid", "phases": [inner]}
    return {"phases": [inner]}


def test_hybrids_stand_in_one_another_three_deep_at_most() -> None:
    assert plans.from_document("hybrid", nested(3))
    with pytest.raises(InvalidPlan, match="3 deep"):
        plans.from_document("hybrid", nested(4))


@pytest.mark.fault("a plan explodes")
def test_all_phases_together_have_a_hundred_places_at_most() -> None:
    five = {"phases": [convoy(f"phase {number}", 20) for number in range(5)]}
    assert plans.from_document("hybrid", five)
    six = {"phases": [*five["phases"], convoy("one more", 5)]}
    with pytest.raises(InvalidPlan, match="105 places"):
        plans.from_document("hybrid", six)


@pytest.mark.parametrize(
    ("pattern", "document", "told"),
    [
        ("convoy", {"steps": [{"name": f"{n}"} for n in range(21)]}, "At most 20"),
        ("hybrid", {"phases": [convoy(f"{n}", 1) for n in range(21)]}, "At most 20"),
        ("team", {"roles": [{"name": f"{n}"} for n in range(21)]}, "At most 20"),
        ("swarm", {"items": ["x" * 100_001]}, "100,001 characters"),
        ("swarm", {"items": ["x"] * 50_001}, "50,001 items"),
        ("swarm", {"items": ["x"], "parallel": 101}, "from 1 to 100"),
        ("swarm", {"items": ["x"], "retries": 4}, "from 0 to 3"),
    ],
)
def test_more_than_a_plan_may_have_is_refused(
    pattern: str, document: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidPlan, match=told):
        plans.from_document(pattern, document)
