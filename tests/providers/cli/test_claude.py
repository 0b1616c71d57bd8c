"""Claude Code's JSON stream, as it prints it with partial messages."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.providers import errors
from orchestrator.providers.vocabulary import (
    Finished,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from orchestrator.routing.types import Effort
from tests.providers import fakecli
from tests.providers.cli_cast import collect, provider, request, spoken

pytestmark = pytest.mark.process


def partial(event: dict[str, Any]) -> dict[str, Any]:
    return {"type": "stream_event", "event": event, "parent_tool_use_id": None}


def delta(kind: str, **fields: str) -> dict[str, Any]:
    return partial({"type": "content_block_delta", "index": 0, "delta": {"type": kind, **fields}})


def result(**fields: Any) -> dict[str, Any]:
    return {"type": "result", "subtype": "success", "is_error": False, **fields}


STREAM = [
    {"type": "system", "subtype": "init", "model": "claude-opus-4-6", "tools": []},
    partial({"type": "message_start", "message": {"model": "claude-opus-4-6"}}),
    delta("thinking_delta", thinking="Hm."),
    delta("signature_delta", signature="abc"),
    delta("text_delta", text="Hel"),
    delta("text_delta", text="lo."),
    partial({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
    {"type": "assistant", "message": {"content": [{"type": "text", "text": "Hello."}]}},
    {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed"}},
    result(
        result="Hello.",
        usage={
            "input_tokens": 3,
            "cache_creation_input_tokens": 20,
            "cache_read_input_tokens": 100,
            "output_tokens": 7,
        },
    ),
]


async def test_partial_messages_become_deltas_and_usage(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "claude", lines=STREAM)

    assert await collect(provider("claude", tmp_path)) == [
        ThinkingDelta("Hm."),
        TextDelta("Hel"),
        TextDelta("lo."),
        Finished(StopReason.END, Usage(3, 7, 100, 20), "claude-opus-4-6"),
    ]


async def test_whole_messages_are_read_when_no_partial_ones_come(tmp_path: Path) -> None:
    message = {"model": "claude-x", "content": [{"type": "text", "text": "Hello."}]}
    lines = [{"type": "assistant", "message": message}, result(result="Hello.")]
    fakecli.install(tmp_path, "claude", lines=lines)

    assert await collect(provider("claude", tmp_path)) == [
        TextDelta("Hello."),
        Finished(StopReason.END, None, "claude-x"),
    ]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("max_tokens", StopReason.MAX_TOKENS), ("refusal", StopReason.REFUSAL)],
)
async def test_the_reason_of_the_end_is_kept(
    reason: str, expected: StopReason, tmp_path: Path
) -> None:
    stop = partial({"type": "message_delta", "delta": {"stop_reason": reason}})
    fakecli.install(tmp_path, "claude", lines=[stop, result(result="So")])

    (*_, finished) = await collect(provider("claude", tmp_path))

    assert isinstance(finished, Finished)
    assert finished.stop_reason is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"result": "Invalid API key · Please run /login"}, errors.AuthError),
        ({"api_error_status": 401, "result": "no"}, errors.AuthError),
        (
            {"api_error_status": 429, "result": "You've hit your session limit"},
            errors.QuotaExhausted,
        ),
        ({"api_error_status": 429, "result": "slow down"}, errors.RateLimited),
        ({"api_error_status": 529, "result": "busy"}, errors.Overloaded),
        ({"api_error_status": 500, "result": "oops"}, errors.ServerFault),
        ({"subtype": "error_during_execution"}, errors.ServerFault),
    ],
)
async def test_an_error_result_has_its_error(
    fields: dict[str, Any], expected: type[errors.ProviderError], tmp_path: Path
) -> None:
    lines = [result(**{"is_error": True, **fields})]
    fakecli.install(tmp_path, "claude", lines=lines, exit_code=1)

    with pytest.raises(errors.ProviderError) as caught:
        await collect(provider("claude", tmp_path))

    assert type(caught.value) is expected
    assert caught.value.status == fields.get("api_error_status")


async def test_terminal_codes_and_lone_surrogates_leave_the_text(tmp_path: Path) -> None:
    lines = [delta("text_delta", text="a\x1b[2Jb\x00c\ud800d\n\te"), result()]
    fakecli.install(tmp_path, "claude", lines=lines)

    assert spoken(await collect(provider("claude", tmp_path))) == "abcd\n\te"


async def test_nothing_of_the_users_set_up_is_loaded(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "claude", lines=STREAM)

    await collect(provider("claude", tmp_path), request(effort=Effort.MAX))

    argv = fakecli.calls(tmp_path, "claude")[0]["argv"]
    assert argv == [
        "--print",
        *["--output-format", "stream-json", "--verbose", "--include-partial-messages"],
        *["--tools", "", "--setting-sources", "", "--strict-mcp-config"],
        *["--disable-slash-commands", "--no-session-persistence"],
        *["--system-prompt", "You are a helpful assistant."],
        *["--effort", "max"],
    ]


async def test_usage_that_is_no_number_counts_as_nothing(tmp_path: Path) -> None:
    usage = {"input_tokens": -5, "output_tokens": True, "cache_read_input_tokens": "9"}
    fakecli.install(tmp_path, "claude", lines=[result(result="So", usage=usage)])

    (*_, finished) = await collect(provider("claude", tmp_path))

    assert finished == Finished(StopReason.END, Usage(), "session")
