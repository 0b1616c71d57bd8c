"""Codex CLI's JSON stream: whole items, and usage when the turn completes."""

from pathlib import Path

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
from tests.providers.cli_cast import collect, provider, request

pytestmark = pytest.mark.process

COMPLETED = {
    "type": "turn.completed",
    "usage": {
        "input_tokens": 100,
        "cached_input_tokens": 60,
        "output_tokens": 9,
        "reasoning_output_tokens": 4,
    },
}


def item(kind: str, text: str) -> dict[str, object]:
    return {"type": "item.completed", "item": {"id": "item_0", "type": kind, "text": text}}


async def test_items_become_text_thinking_and_usage(tmp_path: Path) -> None:
    lines = [
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.started"},
        item("reasoning", "Hm."),
        {"type": "error", "message": "Reconnecting... 1/5"},
        item("agent_message", "One."),
        item("agent_message", "Two."),
        COMPLETED,
    ]
    fakecli.install(tmp_path, "codex", lines=lines)

    assert await collect(provider("codex", tmp_path)) == [
        ThinkingDelta("Hm.\n\n"),
        TextDelta("One."),
        TextDelta("\n\nTwo."),
        Finished(StopReason.END, Usage(40, 9, 60, reasoning_tokens=4), "session"),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [{"type": "turn.failed", "error": {"message": "You hit your usage limit."}}],
        [
            {"type": "error", "message": "You hit your usage limit."},
            {"type": "turn.failed", "error": {}},
        ],
        [{"type": "error", "message": "You hit your usage limit."}],
    ],
)
async def test_a_failed_turn_has_its_error(lines: list[object], tmp_path: Path) -> None:
    fakecli.install(tmp_path, "codex", lines=lines)

    with pytest.raises(errors.QuotaExhausted, match="You hit your usage limit"):
        await collect(provider("codex", tmp_path))


async def test_it_runs_read_only_without_shell_web_or_user_settings(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "codex", lines=[COMPLETED])

    await collect(provider("codex", tmp_path), request(effort=Effort.MAX))

    assert fakecli.calls(tmp_path, "codex")[0]["argv"] == [
        "exec",
        *["--json", "--color", "never", "--sandbox", "read-only", "--skip-git-repo-check"],
        *["--ephemeral", "--ignore-user-config", "--ignore-rules"],
        *["--disable", "shell_tool", "--config", 'web_search="disabled"'],
        *["--config", 'model_reasoning_effort="xhigh"'],
        "-",
    ]
