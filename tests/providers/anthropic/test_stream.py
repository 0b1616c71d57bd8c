"""Anthropic's stream events, one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.providers.anthropic.stream import Translation
from orchestrator.providers.vocabulary import StopReason, TextDelta, ToolCallDelta


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_turn", StopReason.END),
        ("pause_turn", StopReason.END),
        ("max_tokens", StopReason.MAX_TOKENS),
        ("model_context_window_exceeded", StopReason.MAX_TOKENS),
        ("tool_use", StopReason.TOOL_CALLS),
        ("stop_sequence", StopReason.STOP_SEQUENCE),
        ("refusal", StopReason.REFUSAL),
        ("a_reason_of_tomorrow", StopReason.END),
    ],
)
def test_every_stop_reason_has_its_meaning(reason: str, expected: StopReason) -> None:
    translation = Translation()
    assert not list(translation.events({"type": "message_delta", "delta": {"stop_reason": reason}}))
    assert translation.finished is None
    assert not list(translation.events({"type": "message_stop"}))
    assert translation.finished is not None
    assert translation.finished.stop_reason is expected


def test_a_block_may_start_with_its_whole_content() -> None:
    translation = Translation()
    text = {"type": "text", "text": "Hi"}
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
    events = [
        *translation.events({"type": "content_block_start", "index": 0, "content_block": text}),
        *translation.events({"type": "content_block_start", "index": 1, "content_block": call}),
        *translation.events({"type": "content_block_stop", "index": 1}),
    ]
    assert events == [TextDelta("Hi"), ToolCallDelta(0, "t", "f", '{"a": 1}')]


KINDS = ["message_start", "content_block_start", "content_block_delta", "content_block_stop"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
INNER = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "thinking", "tool_use", "text_delta", "input_json_delta"])},
    optional={"text": JSON, "thinking": JSON, "input": JSON, "partial_json": JSON, "id": JSON},
)
EVENT = st.fixed_dictionaries(
    {"type": st.sampled_from([*KINDS, "message_delta", "message_stop"])},
    optional={
        "index": JSON,
        "delta": JSON | INNER,
        "content_block": JSON | INNER,
        "message": JSON,
        "usage": JSON,
    },
)


@given(st.lists(EVENT, max_size=6))
def test_no_event_of_any_shape_breaks_the_translation(documents: list[dict[str, Any]]) -> None:
    translation = Translation()
    events = [event for document in documents for event in translation.events(document)]
    assert all(isinstance(event.text, str) for event in events if isinstance(event, TextDelta))
