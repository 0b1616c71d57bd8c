"""Blocks one after the other, in whatever order a provider sends its pieces."""

import json
from typing import Any

from orchestrator.gateway.anthropic.answers import MessageStream
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.gathered import Gathered
from orchestrator.patterns.events import Event, LegStarted, Text, Thinking, ToolCall
from orchestrator.services.driving.requests import from_text
from tests.gateway.asking import Reply


def streamed(*events: Event) -> list[Any]:
    told = Gathered("t")
    stream = MessageStream(Asked("clutch-auto", from_text("Hello")), told)
    pieces = [stream.begin()]
    for event in (LegStarted("1", "gear.1", 1, 50, 1), *events):
        told.take(event)
        if not isinstance(event, LegStarted):
            pieces.append(stream.tell(event))
    return Reply(pieces=[*pieces, stream.end()]).documents


def shape(documents: list[Any]) -> list[str]:
    """Starts and ends of blocks with their kind, and the pieces between them as dots."""
    marks = {"content_block_stop": "]", "content_block_delta": "."}
    return [
        document["content_block"]["type"]
        if document["type"] == "content_block_start"
        else marks[document["type"]]
        for document in documents
        if document["type"].startswith("content_block")
    ]


def arguments(documents: list[Any], index: int) -> Any:
    own = [
        d["delta"] for d in documents if d["type"] == "content_block_delta" and d["index"] == index
    ]
    return json.loads("".join(delta["partial_json"] for delta in own))


def test_thinking_text_and_a_call_follow_each_other() -> None:
    documents = streamed(
        Thinking("1", "hm"),
        Thinking("1", "", signature="seal"),
        Text("1", "I "),
        Text("1", "look."),
        ToolCall("1", 0, "a", "look", ""),
        ToolCall("1", 0, arguments='{"at": 1}'),
    )
    expected = ["thinking", ".", ".", "]", "text", ".", ".", "]", "tool_use", ".", ".", "]"]
    assert shape(documents) == expected
    assert arguments(documents, 2) == {"at": 1}


def test_a_sealed_thought_is_not_gone_on_with() -> None:
    documents = streamed(
        Thinking("1", "a"), Thinking("1", "", signature="s"), Thinking("1", "b"), Text("1", "c")
    )
    assert shape(documents) == ["thinking", ".", ".", "]", "thinking", ".", "]", "text", ".", "]"]


def test_calls_that_come_between_each_other_are_told_one_after_the_other() -> None:
    documents = streamed(
        ToolCall("1", 0, "a", "first", ""),
        ToolCall("1", 1, "b", "second", ""),
        ToolCall("1", 0, arguments='{"x": '),
        ToolCall("1", 1, arguments='{"y": 2}'),
        ToolCall("1", 0, arguments="1}"),
    )
    assert shape(documents) == ["tool_use", ".", ".", ".", "]", "tool_use", ".", "]"]
    assert (arguments(documents, 0), arguments(documents, 1)) == ({"x": 1}, {"y": 2})


def test_words_behind_a_call_are_not_lost() -> None:
    documents = streamed(
        ToolCall("1", 0, "a", "first", "{"), Text("1", "done"), ToolCall("1", 0, arguments="}")
    )
    assert shape(documents) == ["tool_use", ".", ".", "]", "text", ".", "]"]


def test_an_id_tells_the_gear_in_characters_that_are_taken_everywhere() -> None:
    documents = streamed(ToolCall("1", 0, "toolu_1", "first", "{}"))
    started = next(d for d in documents if d["type"] == "content_block_start")
    assert started["content_block"]["id"] == "toolu_1_G_gear_D_1"
