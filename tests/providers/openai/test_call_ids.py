"""Servers that give their tool calls no id: ours stays the same within a call and is used once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.openai.adapter import OpenAICompatibleProvider
from orchestrator.providers.openai.chat_stream import ChatTranslation
from orchestrator.providers.openai.responses_stream import ResponsesTranslation
from orchestrator.providers.vocabulary import (
    Message,
    ModelRequest,
    ProviderEvent,
    TextPart,
    ToolCallDelta,
)
from tests.providers.conftest import StartWire
from tests.providers.recorded import EVENT_STREAM, Reply, recorded

REQUEST = ModelRequest("m", (Message("user", (TextPart("Hello"),)),), 100)


def added(place: int, name: str) -> dict[str, Any]:
    item = {"type": "function_call", "name": name, "arguments": "{}"}
    return {"type": "response.output_item.added", "output_index": place, "item": item}


RESPONSES = (
    added(0, "get_weather"),
    added(1, "get_time"),
    {"type": "response.completed", "response": {"id": "resp_1"}},
)
RESPONSES_REPLY = Reply(
    "".join(f"data: {json.dumps(event)}\n\n" for event in RESPONSES).encode(),
    content_type=EVENT_STREAM,
)


@pytest.mark.parametrize(
    ("reply", "options"),
    [
        (recorded("openai/tool_calls_without_id.sse"), {}),
        (RESPONSES_REPLY, {"api": "responses"}),
    ],
    ids=["chat", "responses"],
)
async def test_no_id_comes_twice_in_a_conversation(
    start_wire: StartWire, reply: Reply, options: dict[str, str]
) -> None:
    wire = await start_wire(reply)
    provider = OpenAICompatibleProvider(ProviderSpec("lan", "openai", wire.url, "", options))
    events = [event for _ in range(2) async for event in provider.stream(REQUEST)]
    await provider.aclose()
    named = [event for event in events if isinstance(event, ToolCallDelta) and event.name]
    assert [call.name for call in named] == ["get_weather", "get_time"] * 2
    assert len({call.id for call in named if call.id}) == 4
    assert all(len(call.id) <= 64 for call in named)  # OpenAI takes no longer ones


def chat_calls() -> list[ProviderEvent]:
    calls = [{"index": n, "function": {"name": "tool", "arguments": "{}"}} for n in (0, 1)]
    chunk = {"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}
    return list(ChatTranslation(call_prefix="call_x").events(chunk))


def responses_calls() -> list[ProviderEvent]:
    translation = ResponsesTranslation(call_prefix="call_x")
    return [event for place in (0, 1) for event in translation.events(added(place, "tool"))]


@pytest.mark.parametrize("calls", [chat_calls, responses_calls])
def test_an_id_is_the_answers_prefix_and_the_calls_place(
    calls: Callable[[], list[ProviderEvent]],
) -> None:
    found = [event.id for event in calls() if isinstance(event, ToolCallDelta)]
    assert found == ["call_x_0", "call_x_1"]
