"""What a neutral request becomes for Google."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.providers.google.contents import FOREIGN_SIGNATURE, configuration, contents
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
RESULT = ToolResultPart("c1", "get_weather", "12 °C")


def user(*parts: Part) -> Message:
    return Message("user", parts)


def assistant(*parts: Part) -> Message:
    return Message("assistant", parts)


def request(*messages: Message, **changes: Any) -> ModelRequest:
    base = ModelRequest("gemini-2.5-flash", messages or (user(TextPart("Hi")),), 8000)
    return replace(base, **changes)


def sent(*messages: Message, **changes: Any) -> list[dict[str, Any]]:
    return contents(request(*messages, **changes), "google")


@pytest.mark.parametrize(
    ("part", "piece"),
    [
        (TextPart("Hi"), {"text": "Hi"}),
        (
            ImagePart("image/png", b"\x89PNG"),
            {"inline_data": {"mime_type": "image/png", "data": b"\x89PNG"}},
        ),
        (
            DocumentPart("application/pdf", b"%PDF"),
            {"inline_data": {"mime_type": "application/pdf", "data": b"%PDF"}},
        ),
        (
            ThinkingPart("Hm.", "EtAB", "google"),
            {"text": "", "thought_signature": b"\x12\xd0\x01"},
        ),
        (
            ToolCallPart("c1", "f", {"a": 1}),
            {"function_call": {"id": "c1", "name": "f", "args": {"a": 1}}},
        ),
        (
            ToolCallPart("c1", "f", {}, "EtAB"),
            {
                "function_call": {"id": "c1", "name": "f", "args": {}},
                "thought_signature": b"\x12\xd0\x01",
            },
        ),
        (
            RESULT,
            {
                "function_response": {
                    "id": "c1",
                    "name": "get_weather",
                    "response": {"output": "12 °C"},
                }
            },
        ),
        (
            ToolResultPart("c1", "f", "No.", is_error=True),
            {"function_response": {"id": "c1", "name": "f", "response": {"error": "No."}}},
        ),
    ],
)
def test_each_kind_of_part_becomes_its_piece(part: Part, piece: dict[str, Any]) -> None:
    assert sent(assistant(part)) == [{"role": "model", "parts": [piece]}]


@pytest.mark.parametrize(
    "part",
    [
        TextPart(""),
        ThinkingPart("Hm.", "EtAB", "anthropic"),
        ThinkingPart("Hm.", "", "google"),
    ],
)
def test_empty_text_and_thinking_of_others_is_left_out(part: Part) -> None:
    merged = sent(user(TextPart("Hi")), assistant(part), user(TextPart("there")))
    assert merged == [{"role": "user", "parts": [{"text": "Hi"}, {"text": "there"}]}]


def test_tool_results_come_first_in_a_merged_turn() -> None:
    call = assistant(ToolCallPart("c1", "get_weather", {}))
    turn = sent(call, user(TextPart("Well?")), user(RESULT))[1]["parts"]
    assert [list(piece) for piece in turn] == [["function_response"], ["text"]]


@pytest.mark.parametrize(
    ("model_id", "signature", "expected"),
    [
        ("gemini-3.8-flash", "", [FOREIGN_SIGNATURE, None]),
        ("gemini-10-pro", "", [FOREIGN_SIGNATURE, None]),
        ("gemini-3.8-flash", "EtAB", [b"\x12\xd0\x01", None]),
        ("gemini-2.5-flash", "", [None, None]),
        ("gemma-4", "", [None, None]),
    ],
)
def test_calls_of_other_models_carry_the_signature_that_newer_models_insist_on(
    model_id: str, signature: str, expected: list[bytes | None]
) -> None:
    calls = assistant(ToolCallPart("a", "f", {}, signature), ToolCallPart("b", "g", {}))
    (turn,) = sent(calls, model_id=model_id)
    assert [piece.get("thought_signature") for piece in turn["parts"]] == expected


def test_a_plain_request_configures_nothing_it_does_not_need() -> None:
    assert configuration(request()) == {
        "max_output_tokens": 8000,
        "automatic_function_calling": {"disable": True},
        "automatic_continuation": False,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"effort": Effort.NONE}, {"thinking_budget": 0, "include_thoughts": False}),
        ({"effort": Effort.MINIMAL}, {"thinking_level": "MINIMAL", "include_thoughts": True}),
        ({"effort": Effort.HIGH}, {"thinking_level": "HIGH", "include_thoughts": True}),
        ({"effort": Effort.MAX}, {"thinking_level": "XHIGH", "include_thoughts": True}),
        ({"budget_tokens": 0}, {"thinking_budget": 0, "include_thoughts": False}),
        ({"budget_tokens": 512}, {"thinking_budget": 512, "include_thoughts": True}),
        (
            {"budget_tokens": 512, "effort": Effort.LOW},
            {"thinking_budget": 512, "include_thoughts": True},
        ),
    ],
)
def test_reasoning_is_switched_as_asked(
    changes: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    assert configuration(request(**changes)).get("thinking_config") == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice("auto"), None),
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("any"), {"mode": "ANY"}),
        (
            ToolChoice("tool", "get_weather"),
            {"mode": "ANY", "allowed_function_names": ["get_weather"]},
        ),
    ],
)
def test_a_tool_choice_is_sent_only_together_with_tools(
    choice: ToolChoice, expected: dict[str, Any] | None
) -> None:
    config = configuration(request(tools=(TOOL,), tool_choice=choice))
    assert config.get("tool_config", {}).get("function_calling_config") == expected
    assert "tool_config" not in configuration(request(tool_choice=choice))
