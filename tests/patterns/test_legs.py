"""Retry before the first token, shift along the fallbacks, never silently after visible text."""

import asyncio

import pytest

from orchestrator.patterns import legs
from orchestrator.patterns.crew import Answer, LegRefused
from orchestrator.patterns.events import Event, GearShifted, LegFinished, Text
from orchestrator.patterns.legs import LegFailed, Stopped
from orchestrator.providers import errors
from orchestrator.providers.vocabulary import (
    Finished,
    Message,
    ModelRequest,
    StopReason,
    TextDelta,
    TextPart,
    ToolCallDelta,
    Usage,
)
from tests.patterns.cast import WHOLE, PaperCrew, ScriptedProvider, Step

REQUEST = ModelRequest("", (Message("user", (TextPart("Say hello"),)),), 1_000)


def crew_of(**scripts: list[tuple[Step, ...]]) -> PaperCrew:
    return PaperCrew({name: ScriptedProvider(list(plays)) for name, plays in scripts.items()})


async def collect(crew: PaperCrew, answer: Answer) -> list[Event]:
    return [event async for event in legs.drive(crew, REQUEST, answer)]


async def test_a_whole_answer_is_passed_on_piece_by_piece() -> None:
    crew, answer = crew_of(one=[WHOLE]), Answer()
    events = await collect(crew, answer)
    assert [event.text for event in events if isinstance(event, Text)] == ["Hello ", "world"]
    assert (answer.text, answer.gear, answer.stop_reason) == ("Hello world", "one", StopReason.END)
    assert crew.closed[0][1].usage == Usage(3, 2)


async def test_a_busy_provider_is_asked_again_before_the_first_token() -> None:
    crew, answer = crew_of(one=[(errors.Overloaded("busy"),), WHOLE]), Answer()
    events = await collect(crew, answer)
    assert answer.text == "Hello world"
    assert crew.providers["one"].calls == 2
    assert [event.state for event in events if isinstance(event, LegFinished)] == ["failed", "done"]
    assert len(crew.pauses) == 1


async def test_without_retries_left_the_gear_is_shifted() -> None:
    crew, answer = crew_of(one=[(errors.Overloaded("busy"),)], two=[WHOLE]), Answer()
    crew.allows_retries = False
    events = await collect(crew, answer)
    assert [event for event in events if isinstance(event, GearShifted)] == [
        GearShifted("one", "two", "busy")
    ]
    assert answer.gear == "two"


@pytest.mark.parametrize("error", [errors.AuthError("wrong key"), errors.QuotaExhausted("empty")])
async def test_what_waiting_cannot_mend_shifts_at_once(error: errors.ProviderError) -> None:
    crew, answer = crew_of(one=[(error,)], two=[WHOLE]), Answer()
    await collect(crew, answer)
    assert crew.providers["one"].calls == 1
    assert answer.gear == "two"


async def test_a_refused_request_is_not_tried_elsewhere() -> None:
    crew = crew_of(one=[(errors.BadRequest("no such parameter"),)], two=[WHOLE])
    with pytest.raises(LegFailed) as failure:
        await collect(crew, Answer())
    assert failure.value.code == "bad_request"
    assert crew.providers["two"].calls == 0


async def test_after_visible_text_nothing_is_tried_again() -> None:
    cut = (TextDelta("Half an "), errors.BadStream("cut"))
    crew, answer = crew_of(one=[cut], two=[WHOLE]), Answer()
    with pytest.raises(LegFailed) as failure:
        await collect(crew, answer)
    assert failure.value.is_partial
    assert answer.text == "Half an "
    assert crew.providers["two"].calls == 0


async def test_a_stream_without_an_end_is_a_failure() -> None:
    crew = crew_of(one=[(TextDelta("Half"),)])
    with pytest.raises(LegFailed) as failure:
        await collect(crew, Answer())
    assert failure.value.code == "bad_stream"


async def test_an_empty_answer_is_a_failure_that_is_paid_as_billed() -> None:
    empty = (Finished(StopReason.END, Usage(5, 0)),)
    crew, answer = crew_of(one=[empty], two=[WHOLE]), Answer()
    crew.allows_retries = False
    await collect(crew, answer)
    assert crew.closed[0][1].usage == Usage(5, 0)
    assert answer.gear == "two"


async def test_a_budget_that_is_used_up_shifts_to_a_cheaper_gear() -> None:
    crew, answer = crew_of(one=[], two=[WHOLE]), Answer()
    crew.refusals["one"] = LegRefused("budget", "used up", can_shift=True)
    await collect(crew, answer)
    assert answer.gear == "two"


async def test_a_stop_closes_the_stream_and_keeps_the_text() -> None:
    never = asyncio.Event()
    crew, answer = crew_of(one=[(TextDelta("Hello "), never)]), Answer()
    seen: list[Event] = []

    async def listen() -> None:
        async for event in legs.drive(crew, REQUEST, answer):
            seen.append(event)
            if isinstance(event, Text):
                crew.stop.set()

    with pytest.raises(Stopped):
        await asyncio.wait_for(listen(), 5)
    assert crew.providers["one"].open_streams == 0
    assert answer.text == "Hello "
    assert crew.closed[0][1].is_stopped
    assert crew.closed[0][1].delivered_chars == 6


async def test_a_listener_that_leaves_still_has_its_leg_settled() -> None:
    never = asyncio.Event()
    crew = crew_of(one=[(TextDelta("Hello "), never)])
    stream = legs.drive(crew, REQUEST, Answer())
    async for event in stream:
        if isinstance(event, Text):
            break
    await stream.aclose()
    assert len(crew.closed) == 1
    assert crew.providers["one"].open_streams == 0


async def test_tool_calls_are_put_together() -> None:
    script = (
        ToolCallDelta(0, "a", "look", '{"wo'),
        ToolCallDelta(0, arguments='rd": "x"}'),
        ToolCallDelta(1, "b", "stop"),
        Finished(StopReason.TOOL_CALLS, Usage(1, 1)),
    )
    crew, answer = crew_of(one=[script]), Answer()
    await collect(crew, answer)
    assert [(c.id, c.name, c.arguments) for c in answer.tool_calls] == [
        ("a", "look", {"word": "x"}),
        ("b", "stop", {}),
    ]


async def test_broken_tool_arguments_are_the_provider_s_fault() -> None:
    script = (ToolCallDelta(0, "a", "look", "{"), Finished(StopReason.TOOL_CALLS, Usage(1, 1)))
    crew = crew_of(one=[script])
    with pytest.raises(LegFailed) as failure:
        await collect(crew, Answer())
    assert failure.value.code == "bad_stream"
