"""What Chat Completions call the ends and the counts of an answer."""

import pytest

from orchestrator.gateway.anthropic import answers as anthropic_answers
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.gathered import CallBlock, Gathered, dollars
from orchestrator.gateway.openai import answers
from orchestrator.gateway.openai.answers import ChatStream
from orchestrator.patterns.events import LegStarted, ToolCall
from orchestrator.providers.vocabulary import StopReason, Usage
from orchestrator.services.driving.requests import from_text
from tests.gateway.asking import Reply

ASKED = Asked("clutch-auto", from_text("Hello"))


@pytest.mark.parametrize(
    ("reason", "openai", "anthropic"),
    [
        (StopReason.END, "stop", "end_turn"),
        (StopReason.STOP_SEQUENCE, "stop", "stop_sequence"),
        (StopReason.MAX_TOKENS, "length", "max_tokens"),
        (StopReason.TOOL_CALLS, "tool_calls", "tool_use"),
        (StopReason.REFUSAL, "content_filter", "refusal"),
    ],
)
def test_every_end_has_a_name_in_both_dialects(
    reason: StopReason, openai: str, anthropic: str
) -> None:
    told = Gathered("t", stop_reason=reason)
    assert answers.whole(ASKED, told)["choices"][0]["finish_reason"] == openai
    assert anthropic_answers.whole(ASKED, told)["stop_reason"] == anthropic


def test_a_call_is_a_call_whatever_the_provider_said_of_the_end() -> None:
    told = Gathered("t", blocks=[CallBlock(0, "a", "look", "gear")], stop_reason=StopReason.END)
    assert answers.whole(ASKED, told)["choices"][0]["finish_reason"] == "tool_calls"
    assert anthropic_answers.whole(ASKED, told)["stop_reason"] == "tool_use"


def test_cached_tokens_belong_to_the_prompt_for_one_and_stand_beside_it_for_the_other() -> None:
    used = Usage(10, 7, cached_input_tokens=100, cache_write_tokens=1_000, reasoning_tokens=3)
    assert answers.usage(used) == {
        "prompt_tokens": 1_110,
        "completion_tokens": 7,
        "total_tokens": 1_117,
        "prompt_tokens_details": {"cached_tokens": 100},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert anthropic_answers.usage(used) == {
        "input_tokens": 10,
        "cache_creation_input_tokens": 1_000,
        "cache_read_input_tokens": 100,
        "output_tokens": 7,
    }


@pytest.mark.parametrize(
    ("nano", "told"),
    [(0, "0.000000000"), (1, "0.000000001"), (1_500_000_000, "1.500000000")],
)
def test_money_is_told_to_the_last_nano_dollar(nano: int, told: str) -> None:
    assert dollars(nano) == told


def test_indices_of_calls_count_from_zero_whatever_the_provider_counts() -> None:
    told = Gathered("t")
    stream = ChatStream(ASKED, told)
    events = (
        LegStarted("1", "gear", 1, 50, 1),
        ToolCall("1", 3, "a", "first", "", signature="c2Vl"),
        ToolCall("1", 5, "b", "second", "{}"),
        ToolCall("1", 3, arguments="{}"),
    )
    pieces = []
    for event in events:
        told.take(event)
        pieces.append(stream.tell(event))
    chunks = Reply(pieces=pieces).documents
    calls = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in chunks]
    assert [call["index"] for call in calls] == [0, 1, 0]
    assert calls[0]["extra_content"] == {"google": {"thought_signature": "c2Vl"}}
    assert "name" not in calls[2]["function"]
