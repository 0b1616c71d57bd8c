"""Kimi CLI in print mode, with an agent of its own that has no tools.

Print mode approves every tool call by itself, so the tools must be absent and not only unasked.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.providers.cli.sessions import (
    SESSION,
    CliProvider,
    Dialect,
    Tool,
    mappings,
    model_arguments,
    text,
)
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    Finished,
    ModelRequest,
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
)
from orchestrator.routing.types import Effort

AGENT = """\
version: 1
agent:
  name: answer-only
  system_prompt_path: ./system.md
  tools: []
  subagents: {}
"""
SYSTEM = "You are a helpful assistant. You have no tools.\n"


class KimiDialect:
    """Whole messages, one a line; the answer is over when the tool ends. It prints no usage."""

    def __init__(self) -> None:
        self._has_text = False

    def read(self, document: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        if document.get("role") != "assistant":
            return
        content = document.get("content")
        if isinstance(content, str):
            yield from self._say(content)
        for part in mappings(content):
            match part.get("type"):
                case "text":
                    yield from self._say(part.get("text"))
                case "think":
                    if thought := text(part.get("think")):
                        yield ThinkingDelta(thought)

    def end(self) -> Iterator[ProviderEvent]:
        if self._has_text:
            yield Finished(StopReason.END, None)

    def _say(self, value: object) -> Iterator[ProviderEvent]:
        if said := text(value):
            yield TextDelta(f"\n\n{said}" if self._has_text else said)
            self._has_text = True


def _arguments(request: ModelRequest) -> tuple[str, ...]:
    return (
        "--print",
        *("--input-format", "text", "--output-format", "stream-json"),
        *("--agent-file", "agent.yaml", "--mcp-config-file", "mcp.json"),
        *_thinking(request),
        *model_arguments(request),
    )


def _thinking(request: ModelRequest) -> tuple[str, ...]:
    if request.effort is None:
        return ()
    return ("--no-thinking",) if request.effort is Effort.NONE else ("--thinking",)


def _secret_variable(_secret: str) -> str:
    return "KIMI_API_KEY"


def _dialect() -> Dialect:
    return KimiDialect()


class KimiCliProvider(CliProvider):
    tool = Tool(
        title="Kimi CLI",
        executable="kimi",
        sign_in="Run `kimi login` in a terminal.",
        arguments=_arguments,
        dialect=_dialect,
        secret_variable=_secret_variable,
        model=DiscoveredModel(
            SESSION, "Kimi CLI session", 200_000, capabilities=frozenset({"thinking"})
        ),
        variables=frozenset({"KIMI_SHARE_DIR"}),
        settings={"KIMI_CLI_NO_AUTO_UPDATE": "1"},
        # A given MCP file, even an empty one, replaces the user's own.
        files={"agent.yaml": AGENT, "system.md": SYSTEM, "mcp.json": '{"mcpServers": {}}'},
    )
