"""However a provider mixes its pieces, a stream puts together to the answer that is told whole."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.gateway.anthropic import answers as anthropic_answers
from orchestrator.gateway.anthropic.answers import MessageStream
from orchestrator.gateway.dialects import Stream
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.gathered import Gathered
from orchestrator.gateway.openai import answers as openai_answers
from orchestrator.gateway.openai.answers import ChatStream
from orchestrator.patterns.events import Event, LegStarted, Text, Thinking, ToolCall
from orchestrator.services.driving.requests import from_text
from tests.gateway.anthropic.test_messages import blocks
from tests.gateway.asking import Reply

ASKED = Asked("clutch-auto", from_text("Hello"))
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


@st.composite
def mixed(draw: st.DrawFn) -> list[Event]:
    """Words and thoughts between the pieces of up to three calls, each call's own in order."""
    waiting: list[list[Event]] = [_call(draw, index) for index in range(draw(st.integers(0, 3)))]
    words = st.builds(Text, st.just("1"), WORDS)
    thoughts = st.builds(Thinking, st.just("1"), WORDS, st.sampled_from(["", "seal"]))
    waiting.append(draw(st.lists(words | thoughts, max_size=6)))
    events: list[Event] = []
    while left := [pieces for pieces in waiting if pieces]:
        events.append(draw(st.sampled_from(left)).pop(0))
    return events


def _call(draw: st.DrawFn, index: int) -> list[Event]:
    text = json.dumps({"text": draw(WORDS)})
    cut = draw(st.integers(0, len(text)))
    return [
        ToolCall("1", index, f"id{index}", f"tool{index}"),
        ToolCall("1", index, arguments=text[:cut]),
        ToolCall("1", index, arguments=text[cut:]),
    ]


def streamed(stream: Stream, told: Gathered, events: list[Event]) -> Reply:
    pieces = [stream.begin()]
    told.take(LegStarted("1", "gear", 1, 50, 1))
    for event in events:
        told.take(event)
        pieces.append(stream.tell(event))
    return Reply(pieces=[*pieces, stream.end()])


@given(mixed())
def test_anthropics_blocks(events: list[Event]) -> None:
    told = Gathered("t")
    reply = streamed(MessageStream(ASKED, told), told, events)
    assert blocks(reply) == anthropic_answers.whole(ASKED, told)["content"]


@given(mixed())
def test_openais_deltas(events: list[Event]) -> None:
    told = Gathered("t")
    reply = streamed(ChatStream(ASKED, told), told, events)
    message = openai_answers.whole(ASKED, told)["choices"][0]["message"]
    assert _joined(reply) == (
        message["content"] or "",
        message.get("reasoning_content", ""),
        message.get("tool_calls", []),
    )


def _joined(reply: Reply) -> tuple[str, str, list[Any]]:
    """As OpenAI's own client puts them together: texts are joined, entries found by index."""
    text, thought, calls = "", "", dict[int, Any]()
    for chunk in reply.documents[:-1]:
        delta = chunk["choices"][0]["delta"]
        text += delta.get("content", "")
        thought += delta.get("reasoning_content", "")
        for piece in delta.get("tool_calls", []):
            call = calls.setdefault(piece.pop("index"), piece)
            if call is not piece:
                call["function"]["arguments"] += piece["function"]["arguments"]
    return text, thought, list(calls.values())
