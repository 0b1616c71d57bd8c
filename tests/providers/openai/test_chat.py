"""What a request becomes in Chat Completions."""

from typing import Any

import pytest

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadRequest
from orchestrator.providers.openai.chat import body, keeps_strict_rules
from orchestrator.providers.openai.chat_stream import usage_of
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
    Usage,
)
from orchestrator.routing.types import Effort

PNG = ImagePart("image/png", b"\x89PNG")
PDF = DocumentPart("application/pdf", b"%PDF", "plan.pdf")
TOOL = ToolSpec("get_weather", "Tells the weather.", {"type": "object", "properties": {}})


def sent(*messages: Message, options: dict[str, str] | None = None, **changes: Any) -> Any:
    spec = ProviderSpec("gateway", "openai", "http://h", options=options or {})
    messages = messages or (user(TextPart("Hello")),)
    return body(ModelRequest("m", messages, 100, **changes), spec)


def user(*parts: Part) -> Message:
    return Message("user", parts)


def assistant(*parts: Part) -> Message:
    return Message("assistant", parts)


def test_a_plain_request_holds_only_what_was_asked() -> None:
    assert sent() == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 100,
    }


@pytest.mark.parametrize(
    ("options", "changes", "expected"),
    [
        ({"max_tokens_field": "max_completion_tokens"}, {}, {"max_completion_tokens": 100}),
        ({}, {"stop": ("a", "b")}, {"stop": ["a", "b"]}),
        ({}, {"temperature": 0.5}, {"temperature": 0.5}),
        ({}, {"temperature": 0.0}, {"temperature": 0.0}),
        ({}, {"effort": Effort.HIGH}, {"reasoning_effort": "high"}),
        ({"effort_none": "true"}, {"effort": Effort.NONE}, {"reasoning_effort": "none"}),
        ({}, {"effort": Effort.NONE, "temperature": 1.0}, {"temperature": 1.0}),
    ],
)
def test_settings_have_their_field(
    options: dict[str, str], changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    document = sent(options=options, **changes)
    assert expected.items() <= document.items()


@pytest.mark.parametrize(
    ("options", "changes", "missing"),
    [
        ({"max_tokens_field": "max_completion_tokens"}, {}, "max_tokens"),
        ({"include_usage": "false"}, {}, "stream_options"),
        ({}, {"effort": Effort.HIGH, "temperature": 0.5}, "temperature"),
        ({}, {"effort": Effort.NONE}, "reasoning_effort"),
        ({}, {"tool_choice": ToolChoice("any")}, "tool_choice"),
    ],
)
def test_what_a_server_would_refuse_is_left_out(
    options: dict[str, str], changes: dict[str, Any], missing: str
) -> None:
    assert missing not in sent(options=options, **changes)


@pytest.mark.parametrize("role", ["system", "developer"])
def test_the_system_text_has_the_role_the_server_knows(role: str) -> None:
    options = {} if role == "system" else {"system_role": role}
    first = sent(system="Be brief.", options=options)["messages"][0]
    assert first == {"role": role, "content": "Be brief."}


def test_images_and_files_are_sent_as_data_beside_the_text() -> None:
    document = sent(user(TextPart("Look"), PNG, PDF, TextPart("")), options={"pdf": "true"})
    assert document["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
                {
                    "type": "file",
                    "file": {
                        "filename": "plan.pdf",
                        "file_data": "data:application/pdf;base64,JVBERg==",
                    },
                },
            ],
        }
    ]


def test_a_pdf_is_refused_in_plain_words_where_it_is_not_taken() -> None:
    with pytest.raises(BadRequest, match=r"^gateway takes no PDF files\. Paste their text"):
        sent(user(TextPart("Read"), PDF))


def test_parallel_calls_and_their_results_keep_their_order() -> None:
    document = sent(
        user(TextPart("Weather?")),
        assistant(
            ThinkingPart("Hm.", provider="gateway"),
            TextPart("Let me look."),
            ToolCallPart("call_A", "get_weather", {"city": "Oslo"}),
            ToolCallPart("call_B", "get_time", {}),
        ),
        user(
            TextPart("And quickly."),
            ToolResultPart("call_A", "get_weather", "rain"),
            ToolResultPart("call_B", "get_time", "no clock", is_error=True),
        ),
    )
    call_a = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    assert document["messages"][1:] == [
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [
                {"id": "call_A", "type": "function", "function": call_a},
                {
                    "id": "call_B",
                    "type": "function",
                    "function": {"name": "get_time", "arguments": "{}"},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "call_A", "content": "rain"},
        {"role": "tool", "tool_call_id": "call_B", "content": "Error: no clock"},
        {"role": "user", "content": "And quickly."},
    ]


def test_calls_without_words_have_no_content() -> None:
    (message,) = sent(assistant(ToolCallPart("call_A", "get_weather", {})))["messages"]
    assert message["content"] is None


def test_turns_with_nothing_to_say_are_left_out() -> None:
    turns = (user(TextPart("")), assistant(ThinkingPart("Hm.")), user(TextPart("Hello")))
    assert sent(*turns)["messages"] == [{"role": "user", "content": "Hello"}]


def test_only_own_thinking_goes_back_and_only_where_it_is_wanted() -> None:
    turn = assistant(
        ThinkingPart("Mine.", provider="gateway"),
        ThinkingPart("Foreign.", provider="anthropic"),
        TextPart("Hi"),
    )
    (message,) = sent(turn, options={"thinking_back": "true"})["messages"]
    assert message["reasoning_content"] == "Mine."
    (message,) = sent(turn)["messages"]
    assert message == {"role": "assistant", "content": "Hi"}


def test_calls_of_another_model_go_with_a_blank_thought_where_one_is_wanted() -> None:
    turn = assistant(ThinkingPart("Foreign.", provider="anthropic"), ToolCallPart("a", "b", {}))
    (message,) = sent(turn, options={"thinking_back": "true"})["messages"]
    assert message["reasoning_content"] == " "


def test_sealed_details_go_back_as_they_came() -> None:
    seal = '[{"type": "reasoning.encrypted", "data": "gAAA", "index": 0}]'
    turn = assistant(
        ThinkingPart("Hm.", seal, "gateway"),
        ThinkingPart("Hm.", "no JSON", "gateway"),
        ThinkingPart("Hm.", seal, "anthropic"),
        TextPart("Hi"),
    )
    (message,) = sent(turn, options={"thinking_back": "details"})["messages"]
    assert message["reasoning_details"] == [
        {"type": "reasoning.encrypted", "data": "gAAA", "index": 0}
    ]
    assert "reasoning_content" not in message


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice(), "auto"),
        (ToolChoice("none"), "none"),
        (ToolChoice("any"), "required"),
        (
            ToolChoice("tool", "get_weather"),
            {"type": "function", "function": {"name": "get_weather"}},
        ),
    ],
)
def test_tools_are_offered_and_chosen(choice: ToolChoice, expected: object) -> None:
    document = sent(tools=(TOOL,), tool_choice=choice)
    assert document["tool_choice"] == expected
    assert document["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "Tells the weather.",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ]


CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}


def test_a_wanted_schema_is_named() -> None:
    assert sent(json_schema=CLOSED)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": CLOSED, "strict": True},
    }


@pytest.mark.parametrize(
    ("schema", "is_strict"),
    [
        (CLOSED, True),
        ({"type": "array", "items": CLOSED}, True),
        ({**CLOSED, "additionalProperties": True}, False),
        ({**CLOSED, "required": []}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"anyOf": [CLOSED, {"type": "object"}]}, False),
        ({"type": "object"}, False),
    ],
)
def test_strict_mode_is_asked_for_only_where_the_schema_keeps_its_rules(
    schema: dict[str, Any], is_strict: bool
) -> None:
    assert keeps_strict_rules(schema) is is_strict


@pytest.mark.parametrize(
    ("said", "usage"),
    [
        ({}, None),
        ({"total_tokens": 7}, None),
        ({"prompt_tokens": 7}, Usage(7)),
        ({"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": 9}}, Usage(0, 0, 9)),
        ({"prompt_tokens": None, "completion_tokens": 3}, Usage(0, 3)),
        ({"prompt_tokens": True, "completion_tokens": 2.5}, Usage()),
    ],
)
def test_odd_usage_never_becomes_negative_or_invented(
    said: dict[str, Any], usage: Usage | None
) -> None:
    assert usage_of(said) == usage
