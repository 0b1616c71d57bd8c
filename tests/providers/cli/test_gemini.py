"""Gemini CLI's JSON stream: message chunks, and a result with its counts."""

import json
from pathlib import Path

import pytest

from orchestrator.providers import errors
from orchestrator.providers.vocabulary import Finished, StopReason, TextDelta, Usage
from tests.providers import fakecli
from tests.providers.cli_cast import collect, provider, request

pytestmark = pytest.mark.process

STATS = {"total_tokens": 130, "input_tokens": 100, "cached": 30, "output_tokens": 20}


async def test_chunks_become_deltas_and_usage_with_thoughts(tmp_path: Path) -> None:
    lines = [
        {"type": "init", "session_id": "s", "model": "gemini-2.5-pro"},
        {"type": "message", "role": "user", "content": "Say hello."},
        {"type": "message", "role": "assistant", "content": "Hel", "delta": True},
        {"type": "error", "severity": "warning", "message": "loop detected"},
        {"type": "message", "role": "assistant", "content": "lo.", "delta": True},
        {"type": "result", "status": "success", "stats": STATS},
    ]
    fakecli.install(tmp_path, "gemini", lines=lines)

    assert await collect(provider("gemini", tmp_path)) == [
        TextDelta("Hel"),
        TextDelta("lo."),
        Finished(StopReason.END, Usage(70, 30, 30, reasoning_tokens=10), "gemini-2.5-pro"),
    ]


async def test_a_stray_line_does_not_spoil_the_answer(tmp_path: Path) -> None:
    done = json.dumps({"type": "result", "status": "success"})
    fakecli.install(tmp_path, "gemini", stdout=f"Loaded cached credentials.\n{done}\n")

    assert await collect(provider("gemini", tmp_path)) == [
        Finished(StopReason.END, None, "session")
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [{"type": "result", "status": "error", "error": {"message": "Quota exceeded"}}],
        [
            {"type": "error", "severity": "error", "message": "Quota exceeded"},
            {"type": "result", "status": "error"},
        ],
        [{"type": "error", "severity": "error", "message": "Quota exceeded"}],
    ],
)
async def test_an_error_result_has_its_error(lines: list[object], tmp_path: Path) -> None:
    fakecli.install(tmp_path, "gemini", lines=lines)

    with pytest.raises(errors.QuotaExhausted, match="Quota exceeded"):
        await collect(provider("gemini", tmp_path))


async def test_its_workspace_switches_every_tool_off(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "gemini", lines=[{"type": "result", "status": "success"}])

    await collect(provider("gemini", tmp_path), request(model_id="gemini-2.5-pro"))

    call = fakecli.calls(tmp_path, "gemini")[0]
    assert call["argv"] == [
        *["--output-format", "stream-json", "--approval-mode", "default"],
        *["--extensions", "none", "--allowed-mcp-server-names", "none"],
        *["--model", "gemini-2.5-pro"],
    ]
    files = call["files"]
    assert isinstance(files, dict)
    assert json.loads(files[".gemini/settings.json"])["tools"] == {"core": []}
    assert files[".gemini/.env"] == ""
