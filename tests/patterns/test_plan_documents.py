"""A plan and its document are the same thing, whatever stands in it."""

from hypothesis import given

from orchestrator.patterns import plans
from orchestrator.patterns.plans import RunPlan
from tests.patterns import plan_cast


@given(plan_cast.runs)
def test_reading_a_plan_s_document_gives_the_same_plan(plan: RunPlan) -> None:
    pattern = plans.pattern_of(plan)
    assert plans.from_document(pattern, plans.to_document(plan)) == plan
    assert plans.from_document(pattern, plans.to_document(plan, is_whole=True)) == plan


def test_a_gear_that_was_not_chosen_yet_is_none_of_a_cascade() -> None:
    assert plans.from_document("cascade", {"gears": ["", "demo-1"]}) == plans.Cascade(("demo-1",))
