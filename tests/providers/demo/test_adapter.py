"""The demo provider through its public door, instantly."""

import asyncio
import json
from typing import Any

import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.demo.adapter import PACES, DemoProvider
from orchestrator.providers.registry import build
from orchestrator.providers.vocabulary import (
    DocumentPart,
    Finished,
    ImagePart,
    Message,
    ModelRequest,
    Part,
    ProviderEvent,
    StopReason,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from orchestrator.providers.wire.deadlines import guard
from orchestrator.routing.types import Effort

MODELS = [f"demo-{level}" for level in range(1, 6)]
WEATHER = ToolSpec(
    "get_weather",
    "The weather now",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
CLOCK = ToolSpec("clock", "The time now", {"type": "object", "properties": {}})


class Waits(list[float]):
    """Notes how long the demo would have waited, and does not wait."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


def user(*parts: Part | str) -> Message:
    return Message("user", tuple(TextPart(p) if isinstance(p, str) else p for p in parts))


def request(text: str = "Write a haiku.", model_id: str = "demo-3", **fields: Any) -> ModelRequest:
    settings: dict[str, Any] = {"messages": (user(text),), "max_output_tokens": 10_000, **fields}
    return ModelRequest(model_id, **settings)


async def collect(sent: ModelRequest, speed: str = "0") -> list[ProviderEvent]:
    provider = DemoProvider(ProviderSpec("demo", "demo", options={"speed": speed}), Waits())
    return [event async for event in provider.stream(sent)]


def text_of(events: list[ProviderEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def thinking_of(events: list[ProviderEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, ThinkingDelta))


def end_of(events: list[ProviderEvent]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def usage_of(events: list[ProviderEvent]) -> Usage:
    usage = end_of(events).usage
    assert usage is not None
    return usage


def calls_of(events: list[ProviderEvent]) -> list[tuple[str, Any]]:
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for event in events:
        if isinstance(event, ToolCallDelta):
            names[event.index] = names.get(event.index, "") + event.name
            arguments[event.index] = arguments.get(event.index, "") + event.arguments
    return [(names[index], json.loads(arguments[index])) for index in sorted(names)]


@pytest.mark.parametrize("model_id", MODELS)
async def test_the_answer_says_first_that_it_is_canned(model_id: str) -> None:
    text = text_of(await collect(request(model_id=model_id)))

    assert text.startswith(
        f"This is a canned demo answer from {model_id}, not from a language model."
    )
    assert "“Write a haiku.”" in text


async def test_the_same_request_gives_the_same_events() -> None:
    sent = request(effort=Effort.HIGH, tools=(WEATHER,))

    assert await collect(sent) == await collect(sent)


async def test_another_file_is_another_request() -> None:
    first = request(messages=(user("Look.", ImagePart("image/png", b"a")),))
    second = request(messages=(user("Look.", ImagePart("image/png", b"b")),))

    ids = {end_of(await collect(sent)).request_id for sent in (first, second)}

    assert len(ids) == 2


@pytest.mark.parametrize("model_id", MODELS)
async def test_it_streams_in_small_deltas_with_one_end(model_id: str) -> None:
    events = await collect(request(model_id=model_id))

    assert len(events) > 20
    assert max(len(event.text) for event in events if isinstance(event, TextDelta)) <= 20
    assert [isinstance(event, Finished) for event in events].index(True) == len(events) - 1


async def test_higher_levels_answer_longer_and_with_more_forms() -> None:
    texts = [text_of(await collect(request(model_id=model_id))) for model_id in MODELS]

    assert [len(text) for text in texts] == sorted({len(text) for text in texts})
    assert "\n- " in texts[1]
    assert "```python" in texts[2]
    assert "## " in texts[2]
    assert "| --- |" in texts[3]
    assert "\n1. " in texts[4]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Translate this into French", "a translation"),
        ("Fix the bug in this function", "a coding task"),
        ("Summarize the report", "a summary"),
        ("What is love?", "a question"),
        ("Calculate 3 + 4", "a calculation"),
        ("Bananas", "a general task of 1 word."),
        ("", "Your message has no words."),
    ],
)
async def test_it_says_what_kind_of_task_it_saw(text: str, kind: str) -> None:
    assert kind in text_of(await collect(request(text)))


async def test_the_echo_is_short_and_carries_no_markup() -> None:
    text = text_of(await collect(request("a](http://x) <b>\n# b` " + "word " * 50)))

    line = next(line for line in text.splitlines() if "It begins" in line)
    assert line.endswith("“a (http://x) b # b word word word …”.")


@pytest.mark.parametrize("level", PACES)
async def test_the_pace_is_that_of_a_real_model(level: int) -> None:
    waits = Waits()
    provider = DemoProvider(ProviderSpec("demo", "demo"), waits)

    events = [event async for event in provider.stream(request(model_id=f"demo-{level}"))]

    assert 0.15 <= waits[0] <= 0.6
    assert 39 <= usage_of(events).output_tokens / sum(waits[1:]) <= 201


async def test_higher_levels_are_slower() -> None:
    totals = []
    for model_id in MODELS:
        waits = Waits()
        provider = DemoProvider(ProviderSpec("demo", "demo"), waits)
        await provider.stream(request(model_id=model_id)).__anext__()
        totals.append(waits[0])

    assert totals == sorted(set(totals))


@pytest.mark.parametrize(("speed", "expected"), [("2", 0.175), ("0.5", 0.7), ("0", 0.0)])
async def test_speed_multiplies_the_pace(speed: str, expected: float) -> None:
    waits = Waits()
    spec = ProviderSpec("demo", "demo", options={"speed": speed})

    await DemoProvider(spec, waits).stream(request()).__anext__()

    assert waits[0] == pytest.approx(expected)


@pytest.mark.parametrize("speed", ["fast", "-1", "nan", "inf", "1e-9"])
async def test_a_senseless_speed_is_refused(speed: str) -> None:
    with pytest.raises(errors.BadRequest, match="speed"):
        await collect(request(), speed)


async def test_usage_counts_a_token_for_every_four_characters() -> None:
    events = await collect(request("x" * 400, system="y" * 40))

    assert usage_of(events) == Usage(110, -(-len(text_of(events)) // 4))
    assert end_of(events).stop_reason is StopReason.END
    assert end_of(events).model_id == "demo-3"


async def test_files_count_as_input() -> None:
    parts = (ImagePart("image/png", b"a"), DocumentPart("application/pdf", b"b"))

    events = await collect(request(messages=(user("Look here", *parts),)))

    assert usage_of(events).input_tokens == 2003


@pytest.mark.parametrize("fields", [{"effort": Effort.LOW}, {"budget_tokens": 64}])
async def test_it_thinks_when_asked_and_bills_it_as_output(fields: dict[str, Any]) -> None:
    events = await collect(request(**fields))
    thought, said = thinking_of(events), text_of(events)
    usage = usage_of(events)

    assert thought.startswith("This is canned demo thinking")
    assert usage.reasoning_tokens == -(-len(thought) // 4)
    assert usage.output_tokens == usage.reasoning_tokens + -(-len(said) // 4)
    closing = [e for e in events if isinstance(e, ThinkingDelta) and e.signature]
    assert [event.text for event in closing] == [""]


@pytest.mark.parametrize("fields", [{}, {"effort": Effort.NONE}, {"budget_tokens": 0}])
async def test_it_does_not_think_unasked(fields: dict[str, Any]) -> None:
    events = await collect(request(**fields))

    assert not any(isinstance(event, ThinkingDelta) for event in events)
    assert usage_of(events).reasoning_tokens == 0


async def test_more_effort_is_more_thinking() -> None:
    lengths = [len(thinking_of(await collect(request(effort=effort)))) for effort in Effort]

    assert lengths == sorted(set(lengths))


@pytest.mark.parametrize("most", [1, 2, 7, 50])
@pytest.mark.parametrize("effort", [None, Effort.MAX])
async def test_the_output_never_passes_the_limit(most: int, effort: Effort | None) -> None:
    events = await collect(request(max_output_tokens=most, effort=effort))

    assert usage_of(events).output_tokens <= most
    assert text_of(events)
    assert end_of(events).stop_reason is StopReason.MAX_TOKENS


async def test_a_stop_sequence_ends_the_answer_before_it() -> None:
    events = await collect(request(stop=("never-there", " demo answer", "canned demo")))

    assert text_of(events) == "This is a "
    assert end_of(events).stop_reason is StopReason.STOP_SEQUENCE


async def test_the_limit_wins_over_a_later_stop_sequence() -> None:
    events = await collect(request(stop=("language model",), max_output_tokens=3))

    assert text_of(events) == "This is a ca"
    assert end_of(events).stop_reason is StopReason.MAX_TOKENS


@pytest.mark.parametrize(
    ("text", "choice", "expected"),
    [
        ("Use get_weather for Bonn", ToolChoice(), ["get_weather"]),
        ("Get weather, then read the CLOCK.", ToolChoice(), ["get_weather", "clock"]),
        ("Hello", ToolChoice("any"), ["get_weather"]),
        ("Read the clock", ToolChoice("any"), ["clock"]),
        ("Hello", ToolChoice("tool", "clock"), ["clock"]),
    ],
)
async def test_it_calls_the_tools_that_are_asked_for(
    text: str, choice: ToolChoice, expected: list[str]
) -> None:
    events = await collect(request(text, tools=(WEATHER, CLOCK), tool_choice=choice))

    calls = calls_of(events)
    assert [name for name, _ in calls] == expected
    assert all(isinstance(a["city"], str) for name, a in calls if name == "get_weather")
    assert end_of(events).stop_reason is StopReason.TOOL_CALLS
    assert usage_of(events).output_tokens > 0
    ids = [event.id for event in events if isinstance(event, ToolCallDelta) and event.id]
    assert len(set(ids)) == len(expected)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Hello", ToolChoice()),
        ("o'clocks", ToolChoice()),
        ("Use get_weather", ToolChoice("none")),
    ],
)
async def test_it_calls_no_tool_that_is_not_asked_for(text: str, choice: ToolChoice) -> None:
    events = await collect(request(text, tools=(WEATHER, CLOCK), tool_choice=choice))

    assert calls_of(events) == []
    assert end_of(events).stop_reason is StopReason.END


async def test_an_unknown_tool_is_a_bad_request() -> None:
    choice = ToolChoice("tool", "rocket")

    with pytest.raises(errors.BadRequest, match="rocket"):
        await collect(request(tools=(WEATHER,), tool_choice=choice))


async def test_after_a_tools_result_it_answers_with_it() -> None:
    messages = (
        user("Use get_weather"),
        Message("assistant", (ToolCallPart("1", "get_weather", {"city": "Bonn"}),)),
        user(ToolResultPart("1", "get_weather", "Rain,\n12 degrees")),
    )

    events = await collect(request(messages=messages, tools=(WEATHER,)))

    assert calls_of(events) == []
    assert "The tool `get_weather` answered: Rain, 12 degrees" in text_of(events)
    assert end_of(events).stop_reason is StopReason.END


async def test_with_a_schema_the_whole_answer_is_json() -> None:
    schema = {
        "type": "object",
        "properties": {"tag": {"enum": ["bug", "wish"]}, "score": {"type": "integer"}},
        "required": ["tag", "score"],
    }

    made = json.loads(text_of(await collect(request(json_schema=schema))))

    assert set(made) == {"tag", "score"}
    assert made["tag"] in ("bug", "wish")
    assert isinstance(made["score"], int)


@pytest.mark.parametrize("model_id", ["demo-0", "demo-6", "demo", "gpt", "demo-1\n", "Demo-1"])
async def test_an_unknown_model_is_not_found(model_id: str) -> None:
    with pytest.raises(errors.ModelNotFound, match="demo-1 to demo-5"):
        await collect(request(model_id=model_id))


async def test_it_lists_its_five_models_and_checks_without_a_key() -> None:
    provider = build(ProviderSpec("demo", "demo"))

    await provider.check()

    assert [model.model_id for model in await provider.list_models()] == MODELS
    await provider.aclose()


async def test_the_deadlines_accept_its_stream() -> None:
    provider = DemoProvider(ProviderSpec("demo", "demo", options={"speed": "0"}))

    events = [event async for event in guard(provider.stream(request()), Timeouts())]

    assert isinstance(events[-1], Finished)
