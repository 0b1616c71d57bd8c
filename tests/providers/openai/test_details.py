"""Reasoning details that come in pieces and are wanted back whole."""

import json
from collections.abc import Mapping
from typing import Any

from orchestrator.providers.openai.chat_stream import ChatTranslation
from orchestrator.providers.vocabulary import (
    Finished,
    ProviderEvent,
    StopReason,
    ThinkingDelta,
    ToolCallDelta,
)

THOUGHT = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
SECRET = {"type": "reasoning.encrypted", "data": "gAAA", "id": "call_A", "index": 1}
CALL = {"index": 0, "id": "call_A", "function": {"name": "get_time", "arguments": "{}"}}
END = Finished(StopReason.TOOL_CALLS, None)


def heard(*deltas: Mapping[str, Any]) -> list[ProviderEvent]:
    translation = ChatTranslation()
    chunks: list[dict[str, Any]] = [{"choices": [{"delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
    events = [event for chunk in chunks for event in translation.events(chunk)]
    return [*events, *translation.close()]


def test_sealed_details_are_put_together_and_come_as_one_signature() -> None:
    thought, call, seal, end = heard(
        {"reasoning": "Let me.", "reasoning_details": [{**THOUGHT, "text": "Let "}]},
        {"reasoning_details": [{**THOUGHT, "text": "me."}]},
        {"reasoning_details": [{**THOUGHT, "text": None, "signature": "sig"}, SECRET]},
        {"tool_calls": [CALL]},
    )
    assert isinstance(seal, ThinkingDelta)
    assert json.loads(seal.signature) == [
        {**THOUGHT, "text": "Let me.", "signature": "sig"},
        SECRET,
    ]
    assert (thought, end) == (ThinkingDelta("Let me."), END)
    assert call == ToolCallDelta(0, "call_A", "get_time", "{}")


def test_thoughts_that_nobody_sealed_bind_nothing() -> None:
    assert heard({"reasoning": "Hm.", "reasoning_details": [{**THOUGHT, "text": "Hm."}]}) == [
        ThinkingDelta("Hm."),
        END,
    ]
