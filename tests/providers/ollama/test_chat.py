"""What is sent to Ollama, and what its lines become."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadRequest
from orchestrator.providers.ollama.chat import ChatTranslation, body, usage_of
from orchestrator.providers.vocabulary import (
    DocumentPart,
    Finished,
    ImagePart,
    Message,
    ModelRequest,
    Part,
    StopReason,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from orchestrator.routing.types import Effort

SPEC = ProviderSpec("ollama", "ollama")
REQUEST = ModelRequest("qwen3:4b", (Message("user", (TextPart("Hello"),)),), 100)
FULL = ModelRequest(
    model_id="qwen3:4b",
    messages=(
        Message("user", (TextPart("What is this?"), ImagePart("image/png", b"png"))),
        Message("assistant", (TextPart("Hm."), ToolCallPart("c1", "look", {"at": 1}))),
        Message("user", (ToolResultPart("c1", "look", "a tulip"), TextPart("And now?"))),
    ),
    max_output_tokens=50,
    system="Be short.",
    tools=(ToolSpec("look", "Looks.", {"type": "object"}),),
    json_schema={"type": "object"},
    temperature=0.2,
    stop=("END",),
    effort=Effort.HIGH,
)


def with_options(**options: str) -> ProviderSpec:
    return replace(SPEC, options=options)


def messages_of(role: str, *parts: Part) -> Any:
    message = Message("assistant" if role == "assistant" else "user", parts)
    return body(replace(REQUEST, messages=(message,)), SPEC)["messages"]


def test_a_full_request() -> None:
    assert body(FULL, with_options(num_ctx="8192")) == {
        "model": "qwen3:4b",
        "messages": [
            {"role": "system", "content": "Be short."},
            {
                "role": "user",
                "content": "What is this?",
                "images": [base64.b64encode(b"png").decode()],
            },
            {
                "role": "assistant",
                "content": "Hm.",
                "tool_calls": [{"function": {"name": "look", "arguments": {"at": 1}}}],
            },
            {"role": "tool", "tool_name": "look", "content": "a tulip"},
            {"role": "user", "content": "And now?"},
        ],
        "stream": True,
        "options": {"num_predict": 50, "temperature": 0.2, "stop": ["END"], "num_ctx": 8192},
        "think": True,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "look",
                    "description": "Looks.",
                    "parameters": {"type": "object"},
                },
            }
        ],
        "format": {"type": "object"},
    }


def test_what_is_not_asked_for_is_not_sent() -> None:
    assert body(REQUEST, SPEC) == {
        "model": "qwen3:4b",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "options": {"num_predict": 100, "num_ctx": 4_096},
    }


@pytest.mark.parametrize(
    ("model_id", "option", "effort", "think"),
    [
        ("qwen3:4b", "", None, None),
        ("qwen3:4b", "", Effort.NONE, False),
        ("qwen3:4b", "", Effort.LOW, True),
        ("qwen3:4b", "", Effort.MAX, True),
        ("qwen3:4b", "levels", Effort.NONE, False),
        ("qwen3:4b", "levels", Effort.MINIMAL, "low"),
        ("qwen3:4b", "levels", Effort.MAX, "high"),
        ("gpt-oss:20b", "", None, None),
        ("gpt-oss:20b", "", Effort.NONE, "low"),
        ("gpt-oss:20b", "", Effort.MEDIUM, "medium"),
        ("gpt-oss:120b-cloud", "", Effort.XHIGH, "high"),
    ],
)
def test_thinking_is_switched_as_the_model_takes_it(
    model_id: str, option: str, effort: Effort | None, think: object
) -> None:
    request = replace(REQUEST, model_id=model_id, effort=effort)
    assert body(request, with_options(think=option)).get("think") == think


@pytest.mark.parametrize("effort", Effort)
def test_every_level_has_a_word_on_the_wire(effort: Effort) -> None:
    request = replace(REQUEST, model_id="gpt-oss:20b", effort=effort)
    assert body(request, SPEC)["think"] in ("low", "medium", "high")


@pytest.mark.parametrize(
    ("choice", "offered"),
    [
        (ToolChoice("auto"), ["look", "listen"]),
        (ToolChoice("any"), ["look", "listen"]),
        (ToolChoice("tool", "listen"), ["listen"]),
        (ToolChoice("none"), []),
    ],
)
def test_tools_are_offered_as_they_may_be_chosen(choice: ToolChoice, offered: list[str]) -> None:
    tools = (ToolSpec("look", "Looks.", {}), ToolSpec("listen", "Listens.", {}))
    document = body(replace(REQUEST, tools=tools, tool_choice=choice), SPEC)
    assert [tool["function"]["name"] for tool in document.get("tools", [])] == offered
    assert ("tools" in document) is bool(offered)


def test_a_pdf_is_refused_in_plain_words() -> None:
    with pytest.raises(BadRequest, match="takes no PDF files"):
        messages_of("user", DocumentPart("application/pdf", b"%PDF"))


def test_a_failed_tool_is_told_as_failed() -> None:
    assert messages_of("user", ToolResultPart("c1", "look", "too dark", is_error=True)) == [
        {"role": "tool", "tool_name": "look", "content": "Error: too dark"}
    ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            (ThinkingPart("Let me see.", provider="ollama"), TextPart("Yes.")),
            [{"role": "assistant", "content": "Yes.", "thinking": "Let me see."}],
        ),
        (
            (ThinkingPart("Hm.", "signed", "anthropic"), TextPart("Yes.")),
            [{"role": "assistant", "content": "Yes."}],
        ),
        ((ThinkingPart("Hm.", "signed", "anthropic"),), []),
    ],
    ids=["own", "another's", "another's alone"],
)
def test_only_its_own_thinking_goes_back(
    parts: tuple[Part, ...], expected: list[dict[str, str]]
) -> None:
    assert messages_of("assistant", *parts) == expected


@pytest.mark.parametrize(
    ("done_reason", "has_called", "expected"),
    [
        ("stop", False, StopReason.END),
        ("", False, StopReason.END),
        ("length", False, StopReason.MAX_TOKENS),
        ("stop", True, StopReason.TOOL_CALLS),
        ("length", True, StopReason.MAX_TOKENS),
    ],
)
def test_why_it_stopped(done_reason: str, has_called: bool, expected: StopReason) -> None:
    translation = ChatTranslation()
    if has_called:
        call = {"function": {"name": "look", "arguments": {}}}
        assert len([*translation.events({"message": {"tool_calls": [call]}})]) == 1
    last = {"model": "m", "done": True, "done_reason": done_reason}
    assert [*translation.events(last)] == [Finished(expected, None, "m")]
    assert translation.is_over


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"message": None},
        {"message": "text"},
        {"message": {"content": 1, "thinking": [], "tool_calls": {}}},
        {"message": {"tool_calls": ["look", None]}},
        {"done": "no"},
    ],
)
def test_lines_that_say_nothing_are_passed_over(line: Mapping[str, Any]) -> None:
    translation = ChatTranslation()
    assert [*translation.events(line)] == []
    assert not translation.is_over


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ({"prompt_eval_count": 11, "eval_count": 7}, Usage(11, 7)),
        ({"prompt_eval_count": 11}, Usage(11, 0)),
        ({"eval_count": 7}, Usage(0, 7)),
        ({"prompt_eval_count": "many", "eval_count": None}, Usage(0, 0)),
        ({}, None),
    ],
)
def test_usage(line: Mapping[str, Any], usage: Usage | None) -> None:
    assert usage_of(line) == usage
