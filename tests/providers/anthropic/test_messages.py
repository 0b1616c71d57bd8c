"""What a neutral request becomes for Anthropic."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.providers.anthropic.messages import body
from orchestrator.providers.vocabulary import (
    DocumentPart,
    ImagePart,
    Message,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    ToolSpec,
)
from orchestrator.routing.types import Effort

TOOL = ToolSpec("get_weather", "Tells the weather.", {"type": "object", "properties": {}})
CALL = ToolCallPart("toolu_1", "get_weather", {"city": "Oslo"})
RESULT = ToolResultPart("toolu_1", "get_weather", "12 °C")


def user(*parts: Part) -> Message:
    return Message("user", parts)


def assistant(*parts: Part) -> Message:
    return Message("assistant", parts)


def request(*messages: Message, **changes: Any) -> ModelRequest:
    base = ModelRequest("claude-sonnet-5", messages or (user(TextPart("Hi")),), 8000)
    return replace(base, **changes)


def sent(*messages: Message) -> list[dict[str, Any]]:
    return list(body(request(*messages), "anthropic")["messages"])


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (TextPart("Hi"), {"type": "text", "text": "Hi"}),
        (
            ImagePart("image/png", b"\x89PNG"),
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw=="},
            },
        ),
        (
            DocumentPart("application/pdf", b"%PDF", "plan.pdf"),
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
                "title": "plan.pdf",
            },
        ),
        (
            ThinkingPart("Hm.", "sig", "anthropic"),
            {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
        ),
        (
            ThinkingPart("", "redacted:EmwK", "anthropic"),
            {"type": "redacted_thinking", "data": "EmwK"},
        ),
        (
            CALL,
            {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Oslo"}},
        ),
        (RESULT, {"type": "tool_result", "tool_use_id": "toolu_1", "content": "12 °C"}),
        (
            ToolResultPart("call:1|x", "f", "No.", is_error=True),
            {
                "type": "tool_result",
                "tool_use_id": "call_1_x",
                "content": "No.",
                "is_error": True,
            },
        ),
    ],
)
def test_each_kind_of_part_becomes_its_block(part: Part, block: dict[str, Any]) -> None:
    assert sent(user(part)) == [{"role": "user", "content": [block]}]


@pytest.mark.parametrize(
    "part",
    [
        TextPart(""),
        TextPart(" \n"),
        ThinkingPart("Hm.", "sig", "google"),
        ThinkingPart("Hm.", "", "anthropic"),
        ThinkingPart("Hm.", "sig"),
    ],
)
def test_empty_text_and_thinking_of_others_is_left_out(part: Part) -> None:
    messages = sent(user(TextPart("Hi")), assistant(part), user(TextPart("there")))
    texts = [block["text"] for block in messages[0]["content"]]
    assert (len(messages), texts) == (1, ["Hi", "there"])


def test_tool_results_come_first_in_a_merged_turn() -> None:
    messages = sent(assistant(CALL), user(TextPart("Well?")), user(RESULT))
    assert [block["type"] for block in messages[1]["content"]] == ["tool_result", "text"]


def test_a_plain_request_sends_nothing_it_does_not_need() -> None:
    assert body(request(), "anthropic").keys() == {"model", "max_tokens", "messages"}


def test_a_temperature_for_other_vendors_is_the_highest_of_this_one() -> None:
    assert body(request(temperature=1.7), "anthropic")["temperature"] == 1.0
    assert body(request(temperature=0.7), "anthropic")["temperature"] == 0.7


def test_system_stops_tools_and_temperature_are_sent() -> None:
    tools = (TOOL, ToolSpec("ping", "", {"type": "object"}))
    full = request(system="Be brief.", stop=("END",), tools=tools, temperature=0.0)
    document = body(full, "anthropic")
    assert document["system"] == "Be brief."
    assert document["stop_sequences"] == ["END"]
    assert document["temperature"] == 0.0
    assert document["tools"] == [
        {
            "name": "get_weather",
            "description": "Tells the weather.",
            "input_schema": {"type": "object", "properties": {}},
        },
        {"name": "ping", "input_schema": {"type": "object"}},
    ]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice("auto"), None),
        (ToolChoice("none"), {"type": "none"}),
        (ToolChoice("any"), {"type": "any"}),
        (ToolChoice("tool", "get_weather"), {"type": "tool", "name": "get_weather"}),
    ],
)
def test_a_tool_choice_is_sent_only_together_with_tools(
    choice: ToolChoice, expected: dict[str, str] | None
) -> None:
    document = body(request(tools=(TOOL,), tool_choice=choice), "anthropic")
    assert document.get("tool_choice") == expected
    assert "tool_choice" not in body(request(tool_choice=choice), "anthropic")


ADAPTIVE = {"type": "adaptive", "display": "summarized"}


@pytest.mark.parametrize(
    ("changes", "thinking", "effort"),
    [
        ({}, None, None),
        ({"effort": Effort.NONE}, {"type": "disabled"}, None),
        ({"effort": Effort.MINIMAL}, ADAPTIVE, "low"),
        ({"effort": Effort.HIGH}, ADAPTIVE, "high"),
        ({"effort": Effort.MAX}, ADAPTIVE, "max"),
        ({"budget_tokens": 0}, {"type": "disabled"}, None),
        ({"budget_tokens": 10}, {"type": "enabled", "budget_tokens": 1024}, None),
        ({"budget_tokens": 4000}, {"type": "enabled", "budget_tokens": 4000}, None),
        ({"budget_tokens": 9000}, {"type": "enabled", "budget_tokens": 7999}, None),
        ({"budget_tokens": 4000, "max_output_tokens": 1024}, None, None),
        (
            {"budget_tokens": 4000, "effort": Effort.LOW},
            {"type": "enabled", "budget_tokens": 4000},
            "low",
        ),
        ({"effort": Effort.LOW, "tools": (TOOL,), "tool_choice": ToolChoice("any")}, None, "low"),
    ],
)
def test_reasoning_is_switched_as_asked_within_the_vendors_limits(
    changes: dict[str, Any], thinking: dict[str, Any] | None, effort: str | None
) -> None:
    document = body(request(temperature=0.5, **changes), "anthropic")
    assert document.get("thinking") == thinking
    assert document.get("output_config", {}).get("effort") == effort
    is_thinking = thinking is not None and thinking["type"] != "disabled"
    assert ("temperature" in document) is not is_thinking


@pytest.mark.parametrize(
    ("kept", "is_on"),
    [((), False), ((ThinkingPart("Hm.", "sig", "anthropic"),), True)],
)
def test_a_budget_needs_the_thinking_of_an_open_tool_turn(
    kept: tuple[Part, ...], is_on: bool
) -> None:
    turn = request(user(TextPart("Hi")), assistant(*kept, CALL), user(RESULT), budget_tokens=2000)
    assert ("thinking" in body(turn, "anthropic")) is is_on


def test_a_schema_is_sent_closed_to_unknown_properties() -> None:
    inner = {"type": ["object", "null"], "properties": {}}
    schema = {"type": "object", "properties": {"a": {"anyOf": [inner, {"type": "string"}]}}}
    document = body(request(json_schema=schema, effort=Effort.LOW), "anthropic")
    assert document["output_config"] == {
        "effort": "low",
        "format": {
            "type": "json_schema",
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "a": {"anyOf": [{**inner, "additionalProperties": False}, {"type": "string"}]}
                },
            },
        },
    }
    assert "additionalProperties" not in schema


LONG = TextPart("x" * 5_000)


@pytest.mark.parametrize(
    ("turns", "is_marked"),
    [
        ((user(LONG),), False),  # nothing to read it again yet
        ((user(TextPart("a")), assistant(TextPart("b")), user(TextPart("c"))), False),  # too short
        ((user(LONG), assistant(TextPart("b")), user(TextPart("c"))), True),
        ((user(LONG), assistant(CALL), user(RESULT)), True),
    ],
)
def test_a_talk_that_goes_on_is_stored_up_to_its_end(
    turns: tuple[Message, ...], is_marked: bool
) -> None:
    blocks = [block for message in sent(*turns) for block in message["content"]]
    assert [("cache_control" in block) for block in blocks[:-1]] == [False] * (len(blocks) - 1)
    assert ("cache_control" in blocks[-1]) is is_marked
