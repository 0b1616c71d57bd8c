"""Convoy, team and cascade: what each place is given, what is shown, what is kept, what fails."""

import asyncio
from collections.abc import Sequence

import pytest

from orchestrator.patterns import cascade, hybrid, plans
from orchestrator.patterns.crew import Answer
from orchestrator.patterns.events import Event, StepMoved, Text
from orchestrator.patterns.legs import LegFailed
from orchestrator.patterns.plans import Cascade, Convoy, InvalidPlan, Part, Team
from orchestrator.providers import errors
from orchestrator.providers.vocabulary import (
    Finished,
    Message,
    ModelRequest,
    StopReason,
    TextDelta,
    TextPart,
    Usage,
)
from tests.patterns.cast import PaperCrew, ScriptedProvider, Step

TASK = ModelRequest("", (Message("user", (TextPart("Build a shed"),)),), 1_000, system="Be brief.")
FAILS: tuple[Step, ...] = (errors.BadRequest("no"),)


def says(text: str) -> tuple[Step, ...]:
    return (TextDelta(text), Finished(StopReason.END, Usage(3, 2)))


def crew_with(plan: plans.RunPlan, **scripts: Sequence[tuple[Step, ...]]) -> PaperCrew:
    providers = {name: ScriptedProvider(list(plays)) for name, plays in scripts.items()}
    return PaperCrew(providers, run_plan=plan, allows_retries=False)


async def run(crew: PaperCrew, answer: Answer) -> list[Event]:
    return [event async for event in hybrid.drive_run(crew, TASK, answer)]


def steps(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.path, event.state) for event in events if isinstance(event, StepMoved)]


def shown(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


CHAIN = Convoy((Part("plan", "Plan it."), Part("do", "Do it.")))


async def test_a_step_is_given_what_the_one_before_produced() -> None:
    crew, answer = crew_with(CHAIN, one=[says("1. saw"), says("sawn")]), Answer()
    events = await run(crew, answer)
    first, second = (ticket.request for ticket in crew.opened)
    assert first.system == "Be brief.\n\nPlan it."
    assert "1. saw" not in first.messages[-1].text
    assert "<plan>\n1. saw\n</plan>" in second.messages[-1].text
    assert second.system == "Be brief.\n\nDo it."
    assert (answer.text, shown(events)) == ("sawn", "sawn")
    assert steps(events) == [("1", "driving"), ("1", "done"), ("2", "driving"), ("2", "done")]


async def test_a_kept_step_is_never_driven_again() -> None:
    crew, answer = crew_with(CHAIN, one=[says("sawn")]), Answer()
    crew.kept["1"] = Answer(text="1. saw", gear="one")
    await run(crew, answer)
    assert crew.providers["one"].calls == 1
    assert "1. saw" in crew.opened[0].request.messages[-1].text


async def test_a_whole_run_that_was_kept_costs_nothing() -> None:
    crew, answer = crew_with(CHAIN, one=[]), Answer()
    crew.kept |= {"1": Answer(text="1. saw"), "2": Answer(text="sawn")}
    events = await run(crew, answer)
    assert (answer.text, shown(events), crew.opened) == ("sawn", "sawn", [])


async def test_a_failed_step_ends_the_convoy_and_keeps_what_was_done() -> None:
    crew = crew_with(CHAIN, one=[says("1. saw"), FAILS])
    with pytest.raises(LegFailed):
        await run(crew, Answer())
    assert list(crew.kept) == ["1"]


async def test_a_part_drives_with_the_gear_it_names() -> None:
    chain = Convoy((Part("plan", gear="two"), Part("do", gear="one")))
    crew = crew_with(chain, one=[says("b")], two=[says("a")])
    await run(crew, Answer())
    assert [ticket.candidate.gear.name for ticket in crew.opened] == ["two", "one"]


CREW = Team((Part("a", "As a."), Part("b", "As b.")), Part("merge", "Merge."))


async def test_roles_work_side_by_side_and_one_merges() -> None:
    crew, answer = crew_with(CREW, one=[says("A"), says("B"), says("AB")]), Answer()
    events = await run(crew, answer)
    begun = [path for path, state in steps(events) if state == "driving"]
    assert begun == ["1.1", "1.2", "2"]
    merging = crew.opened[-1].request.messages[-1].text
    assert "<a>" in merging
    assert "<b>" in merging
    assert (answer.text, shown(events)) == ("AB", "AB")


async def test_a_role_that_fails_is_told_and_left_out() -> None:
    crew, answer = crew_with(CREW, one=[FAILS, says("B"), says("B merged")]), Answer()
    events = await run(crew, answer)
    assert ("1.1", "failed") in steps(events)
    assert "<a>" not in crew.opened[-1].request.messages[-1].text
    assert answer.text == "B merged"


async def test_a_team_of_which_nobody_answers_fails() -> None:
    crew = crew_with(CREW, one=[FAILS, FAILS])
    with pytest.raises(LegFailed, match="No role"):
        await run(crew, Answer())


async def test_a_reviewer_has_the_last_word() -> None:
    plan = Team(CREW.roles, CREW.merge, Part("review", "Review."))
    crew = crew_with(plan, one=[says("A"), says("B"), says("AB"), says("AB, better")])
    events = await run(crew, Answer())
    assert shown(events) == "AB, better"


async def test_leaving_a_team_closes_every_stream() -> None:
    waits = asyncio.Event()
    crew = crew_with(CREW, one=[(TextDelta("x"), waits), (TextDelta("y"), waits)])
    driving = hybrid.drive_run(crew, TASK, Answer())
    begun = 0
    async for event in driving:
        begun += isinstance(event, StepMoved)
        if begun == 2:
            break
    await driving.aclose()
    assert crew.providers["one"].open_streams == 0


async def test_two_that_agree_are_believed_and_no_more_are_asked() -> None:
    crew = crew_with(
        Cascade(("one", "two", "three")),
        one=[says("It is 42.")],
        two=[says("it is 42")],
        three=[says("dear")],
    )
    answer = Answer()
    events = await run(crew, answer)
    assert answer.text == "it is 42"
    assert shown(events) == "it is 42"
    assert crew.providers["three"].calls == 0


async def test_without_agreement_the_last_asked_has_the_last_word() -> None:
    crew = crew_with(
        Cascade(("one", "two", "three")),
        one=[says("It is 41.")],
        two=[FAILS],
        three=[says("It is 42.")],
    )
    answer = Answer()
    await run(crew, answer)
    assert answer.text == "It is 42."


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("It is 42.", "it is 42", True),
        ("It is 42.", "It is 43.", False),
        ("yes", "no", False),
        ("", "", False),
        ("x " * 3_000, "x " * 3_000, False),
    ],
)
def test_agreement(one: str, other: str, is_same: bool) -> None:
    assert cascade.agree(one, other) is is_same


@pytest.mark.parametrize(
    ("pattern", "document", "problem"),
    [
        ("convoy", {}, "steps is a list"),
        ("convoy", {"steps": "x"}, "steps is a list"),
        ("convoy", {"steps": [{"name": ""}]}, "needs a name"),
        ("convoy", {"steps": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ("convoy", {"steps": [{"name": "a", "throttle": 101}]}, "from 0 to 100"),
        ("convoy", {"steps": [{"name": "a", "spell": 1}]}, "Unknown entry 'spell'"),
        ("convoy", {"steps": [{"name": str(n)} for n in range(21)]}, "At most 20"),
        ("team", {"roles": [{"name": "a"}], "leader": {}}, "Unknown entry 'leader'"),
        ("cascade", {"gears": [1]}, "list of texts"),
        ("maze", {}, "no plan for the pattern"),
    ],
)
def test_a_plan_that_cannot_be_driven_says_why(
    pattern: str, document: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidPlan, match=problem):
        plans.from_document(pattern, document)


def test_the_outline_shows_every_place_before_anything_is_driven() -> None:
    assert [each.path for each in plans.places(CHAIN)] == ["1", "2"]
    assert [each.name for each in plans.places(plans.TEAM)][-1] == "merge"
    assert [each.path for each in plans.places(CREW)] == ["1.1", "1.2", "2"]
    assert [each.name for each in plans.places(Cascade(("a", "b")))] == ["a", "b"]
