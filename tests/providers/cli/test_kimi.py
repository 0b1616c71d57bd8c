"""Kimi CLI's JSON stream: whole messages, no usage, no closing line."""

from pathlib import Path

import pytest

from orchestrator.providers import errors
from orchestrator.providers.vocabulary import Finished, StopReason, TextDelta, ThinkingDelta
from orchestrator.routing.types import Effort
from tests.providers import fakecli
from tests.providers.cli_cast import collect, provider, request

pytestmark = pytest.mark.process


async def test_messages_become_text_and_thinking_without_usage(tmp_path: Path) -> None:
    lines = [
        {"role": "assistant", "content": [{"type": "think", "think": "Hm."}]},
        {"role": "assistant", "content": [{"type": "text", "text": "One."}]},
        {"role": "tool", "tool_call_id": "x", "content": "not for the answer"},
        {"role": "assistant", "content": "Two."},
    ]
    fakecli.install(tmp_path, "kimi", lines=lines, stderr="To resume this session: kimi -r 1")

    assert await collect(provider("kimi", tmp_path)) == [
        ThinkingDelta("Hm."),
        TextDelta("One."),
        TextDelta("\n\nTwo."),
        Finished(StopReason.END, None, "session"),
    ]


async def test_an_answer_cut_by_a_bad_end_is_an_error(tmp_path: Path) -> None:
    lines = [{"role": "assistant", "content": "One."}]
    fakecli.install(tmp_path, "kimi", lines=lines, exit_code=75)

    with pytest.raises(errors.Overloaded):
        await collect(provider("kimi", tmp_path))


async def test_the_agent_it_runs_has_no_tools_and_no_servers(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "kimi", lines=[{"role": "assistant", "content": "So."}])

    await collect(provider("kimi", tmp_path))

    call = fakecli.calls(tmp_path, "kimi")[0]
    assert call["argv"] == [
        "--print",
        *["--input-format", "text", "--output-format", "stream-json"],
        *["--agent-file", "agent.yaml", "--mcp-config-file", "mcp.json"],
    ]
    files = call["files"]
    assert isinstance(files, dict)
    assert "tools: []" in files["agent.yaml"]
    assert files["mcp.json"] == '{"mcpServers": {}}'


@pytest.mark.parametrize(
    ("effort", "flag"),
    [(Effort.NONE, "--no-thinking"), (Effort.LOW, "--thinking"), (Effort.MAX, "--thinking")],
)
async def test_the_effort_switches_thinking(effort: Effort, flag: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, "kimi", lines=[{"role": "assistant", "content": "So."}])

    await collect(provider("kimi", tmp_path), request(effort=effort))

    argv = fakecli.calls(tmp_path, "kimi")[0]["argv"]
    assert isinstance(argv, list)
    assert argv[-1] == flag
