"""What a request becomes in the Responses API."""

from typing import Any

import pytest

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadRequest
from orchestrator.providers.openai.responses import body
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

PNG = ImagePart("image/png", b"\x89PNG")
PDF = DocumentPart("application/pdf", b"%PDF", "plan.pdf")
TOOL = ToolSpec("get_weather", "Tells the weather.", {"type": "object"})


def sent(*messages: Message, options: dict[str, str] | None = None, **changes: Any) -> Any:
    spec = ProviderSpec("openai", "openai", "http://h", options=options or {})
    messages = messages or (user(TextPart("Hello")),)
    fields = {"max_output_tokens": 100, **changes}
    return body(ModelRequest("m", messages, **fields), spec)


def user(*parts: Part) -> Message:
    return Message("user", parts)


def test_a_plain_request_is_not_kept_by_the_vendor() -> None:
    assert sent() == {
        "model": "m",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
        "max_output_tokens": 100,
        "stream": True,
        "store": False,
    }


@pytest.mark.parametrize(
    ("options", "changes", "expected"),
    [
        ({}, {"system": "Be brief."}, {"instructions": "Be brief."}),
        ({}, {"max_output_tokens": 1}, {"max_output_tokens": 16}),
        ({}, {"temperature": 0.0}, {"temperature": 0.0}),
        (
            {},
            {"effort": Effort.HIGH},
            {"reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"]},
        ),
        (
            {"reasoning_summary": "auto"},
            {"effort": Effort.HIGH},
            {"reasoning": {"effort": "high", "summary": "auto"}},
        ),
        (
            {"reasoning_summary": "auto"},
            {"effort": Effort.NONE, "temperature": 1.0},
            {"reasoning": {"effort": "none"}, "temperature": 1.0},
        ),
    ],
)
def test_settings_have_their_field(
    options: dict[str, str], changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert expected.items() <= sent(options=options, **changes).items()


def test_a_thinking_model_is_sent_no_temperature() -> None:
    assert "temperature" not in sent(effort=Effort.LOW, temperature=0.5)


def test_images_and_files_are_sent_as_data() -> None:
    (item,) = sent(user(TextPart("Look"), PNG, PDF), options={"pdf": "true"})["input"]
    assert item["content"] == [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:image/png;base64,iVBORw=="},
        {
            "type": "input_file",
            "filename": "plan.pdf",
            "file_data": "data:application/pdf;base64,JVBERg==",
        },
    ]


def test_a_pdf_is_refused_where_it_is_not_taken() -> None:
    with pytest.raises(BadRequest, match="openai takes no PDF"):
        sent(user(PDF))


def test_calls_follow_what_was_said_and_results_come_first() -> None:
    document = sent(
        Message(
            "assistant",
            (
                ThinkingPart("Hm."),
                TextPart("Let me look."),
                ToolCallPart("call_A", "get_weather", {"city": "Oslo"}),
            ),
        ),
        user(TextPart("Quick."), ToolResultPart("call_A", "get_weather", "no", is_error=True)),
    )
    assert document["input"] == [
        {"role": "assistant", "content": [{"type": "output_text", "text": "Let me look."}]},
        {
            "type": "function_call",
            "call_id": "call_A",
            "name": "get_weather",
            "arguments": '{"city": "Oslo"}',
        },
        {"type": "function_call_output", "call_id": "call_A", "output": "Error: no"},
        {"role": "user", "content": [{"type": "input_text", "text": "Quick."}]},
    ]


SEALED = {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA:B"}
CALL = ToolCallPart("call_A", "get_weather", {})


def kinds(*parts: Part, **changes: Any) -> list[Any]:
    document = sent(Message("assistant", parts), **{"effort": Effort.LOW, **changes})
    return [item.get("type", item.get("role")) for item in document["input"]]


def test_sealed_thinking_goes_back_before_what_it_led_to() -> None:
    parts = (
        ThinkingPart("Hm.", "rs_1:gAAA:B", "openai"),
        TextPart("Let me look."),
        CALL,
        ThinkingPart("", "rs_2:gBBB", "openai"),
        ToolCallPart("call_B", "get_time", {}),
    )
    first, said, call, second, other = sent(Message("assistant", parts), effort=Effort.LOW)["input"]
    assert first == {**SEALED, "summary": [{"type": "summary_text", "text": "Hm."}]}
    assert said["content"] == [{"type": "output_text", "text": "Let me look."}]
    assert (call["call_id"], other["call_id"]) == ("call_A", "call_B")
    assert (second["id"], second["summary"]) == ("rs_2", [])


def test_thinking_that_cannot_be_opened_there_stays_out() -> None:
    own = ThinkingPart("Hm.", "rs_1:gAAA", "openai")
    assert kinds(own, CALL) == ["reasoning", "function_call"]
    assert kinds(ThinkingPart("Hm.", "sig", "anthropic"), CALL) == ["function_call"]
    assert kinds(ThinkingPart("Hm.", "", "openai"), CALL) == ["function_call"]


def test_thinking_that_led_nowhere_stays_out() -> None:
    own = ThinkingPart("Hm.", "rs_1:gAAA", "openai")
    assert kinds(own) == []
    assert kinds(own, CALL, own) == ["reasoning", "function_call"]


def test_a_model_that_does_not_think_is_neither_asked_for_sealed_thinking_nor_sent_it() -> None:
    assert kinds(ThinkingPart("Hm.", "rs_1:gAAA", "openai"), CALL, effort=None) == ["function_call"]
    assert "include" not in sent()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice(), "auto"),
        (ToolChoice("none"), "none"),
        (ToolChoice("any"), "required"),
        (ToolChoice("tool", "get_weather"), {"type": "function", "name": "get_weather"}),
    ],
)
def test_tools_are_offered_and_chosen(choice: ToolChoice, expected: object) -> None:
    document = sent(tools=(TOOL,), tool_choice=choice)
    assert document["tool_choice"] == expected
    (tool,) = document["tools"]
    assert tool["name"] == "get_weather"
    assert tool["parameters"] == {"type": "object"}


def test_a_wanted_schema_is_named() -> None:
    assert sent(json_schema={"type": "object"})["text"] == {
        "format": {
            "type": "json_schema",
            "name": "answer",
            "schema": {"type": "object"},
            "strict": False,
        }
    }
