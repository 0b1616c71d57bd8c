"""Escalation: what fails its check is never shown, is paid, and is asked of a stronger gear."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from orchestrator.patterns import checks, escalation, single
from orchestrator.patterns.crew import Answer
from orchestrator.patterns.events import Event, GearShifted, LegStarted, Text
from orchestrator.patterns.legs import LegFailed
from orchestrator.providers.vocabulary import (
    Finished,
    Message,
    ModelRequest,
    StopReason,
    TextDelta,
    TextPart,
    ThinkingDelta,
    Usage,
)
from orchestrator.routing.types import Candidate
from tests.patterns.cast import PaperCrew, ScriptedProvider, Step, candidate

SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
REQUEST = ModelRequest("", (Message("user", (TextPart("Who?"),)),), 1_000, json_schema=SCHEMA)
GOOD, BAD = '{"name": "Ada"}', '{"title": "Ada"}'


def says(text: str) -> tuple[Step, ...]:
    return (TextDelta(text), Finished(StopReason.END, Usage(3, 2)))


class Ladder(PaperCrew):
    """Gears whose level is their place."""

    def candidates(self) -> Sequence[Candidate]:
        return [candidate(name, level) for level, name in enumerate(self.providers, start=1)]


def ladder(**scripts: Sequence[tuple[Step, ...]]) -> Ladder:
    return Ladder({name: ScriptedProvider(list(plays)) for name, plays in scripts.items()})


async def collect(crew: PaperCrew, answer: Answer) -> list[Event]:
    return [event async for event in single.drive(crew, REQUEST, answer)]


async def test_an_answer_that_passes_is_shown_as_it_is() -> None:
    crew, answer = ladder(one=[says(GOOD)], two=[]), Answer()
    events = await collect(crew, answer)
    assert [event.text for event in events if isinstance(event, Text)] == [GOOD]
    assert (answer.text, answer.gear) == (GOOD, "one")


async def test_what_fails_is_not_shown_and_a_stronger_gear_answers() -> None:
    crew, answer = ladder(one=[says("Ada, I think")], two=[says(BAD)], three=[says(GOOD)]), Answer()
    events = await collect(crew, answer)
    assert [event.text for event in events if isinstance(event, Text)] == [GOOD]
    shifts = [event for event in events if isinstance(event, GearShifted)]
    assert [(shift.from_gear, shift.to_gear) for shift in shifts] == [
        ("one", "two"),
        ("two", "three"),
    ]
    assert "not JSON" in shifts[0].reason
    assert "'name' is a required property" in shifts[1].reason
    assert len(crew.closed) == 3  # each try was settled
    assert answer.gear == "three"


async def test_when_no_stronger_gear_is_left_the_text_is_kept_and_the_failure_told() -> None:
    crew, answer = ladder(one=[says(BAD)]), Answer()
    with pytest.raises(LegFailed, match="did not pass its check") as failed:
        await collect(crew, answer)
    assert failed.value.code == "check_failed"
    assert answer.text == BAD


async def test_it_ends_after_two_steps_up() -> None:
    crew = ladder(**{name: [says(BAD)] for name in ("one", "two", "three", "four")})
    with pytest.raises(LegFailed):
        await collect(crew, Answer())
    assert crew.providers["four"].calls == 0


async def test_leaving_in_between_settles_what_runs() -> None:
    waits = asyncio.Event()
    crew = ladder(one=[says(BAD)], two=[(ThinkingDelta("hm"), TextDelta("{"), waits)])
    driving = single.drive(crew, REQUEST, Answer())
    async for event in driving:
        if isinstance(event, LegStarted) and event.gear == "two":
            break
    await driving.aclose()
    assert crew.providers["two"].open_streams == 0
    assert [result.is_stopped for _, result in crew.closed] == [False, True]


async def test_a_schema_that_is_none_is_refused_before_anything_is_sent() -> None:
    crew = ladder(one=[says(GOOD)])
    wrong = replace(REQUEST, json_schema={"type": "nonsense"})
    with pytest.raises(LegFailed, match="schema is wrong"):
        await anext(single.drive(crew, wrong, Answer()))
    assert crew.opened == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD, ""),
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"name": 1}', "1 is not of type 'string'"),
        ("null", "is not of type 'object'"),
    ],
)
def test_a_schema_says_what_is_wrong(text: str, problem: str) -> None:
    found = checks.matches_schema(SCHEMA)(text)
    assert problem in found
    assert bool(problem) == bool(found)


def test_a_pattern_is_looked_for_anywhere() -> None:
    check = checks.matches_pattern(r"\bTOTAL: \d+")
    assert check("so\nTOTAL: 12.") == ""
    assert "does not match" in check("nothing")


@pytest.mark.parametrize(
    "broken",
    [lambda: checks.matches_schema({"type": "nonsense"}), lambda: checks.matches_pattern("(")],
)
def test_a_check_that_cannot_be_used_says_so(broken: object) -> None:
    with pytest.raises(checks.UnusableCheck):
        broken()  # type: ignore[operator]


def test_stronger_is_the_next_level_up() -> None:
    rungs = [candidate("b", 2), candidate("d", 4), candidate("c", 3), candidate("a", 1)]
    above = escalation.stronger_than("b", rungs)
    assert [each.gear.name for each in above] == ["c", "d"]
