"""Codex CLI in exec mode: read-only sandbox, no shell, no web, no user configuration."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.providers.cli.faults import ToolFault
from orchestrator.providers.cli.sessions import (
    SESSION,
    CliProvider,
    Dialect,
    Tool,
    count,
    mapping,
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
    Usage,
)
from orchestrator.routing.types import Effort


class CodexDialect:
    """Whole items; `turn.completed` closes the answer. A top-level `error` may be a mere retry."""

    def __init__(self) -> None:
        self._has_text = False
        self._last_error = ""

    def read(self, document: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        match document.get("type"):
            case "item.completed":
                yield from self._item(mapping(document.get("item")))
            case "turn.completed":
                usage = mapping(document.get("usage"))
                yield Finished(StopReason.END, _usage(usage) if usage else None)
            case "turn.failed":
                words = text(mapping(document.get("error")).get("message"))
                raise ToolFault(words or self._last_error)
            case "error":
                self._last_error = text(document.get("message"))

    def end(self) -> Iterator[ProviderEvent]:
        if self._last_error:
            raise ToolFault(self._last_error)
        yield from ()

    def _item(self, item: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        said = text(item.get("text"))
        match item.get("type"):
            case "agent_message" if said:
                yield TextDelta(f"\n\n{said}" if self._has_text else said)
                self._has_text = True
            case "reasoning" if said:
                yield ThinkingDelta(f"{said}\n\n")


def _usage(usage: Mapping[str, Any]) -> Usage:
    """OpenAI counts cached tokens within the input."""
    cached = count(usage, "cached_input_tokens")
    return Usage(
        input_tokens=max(0, count(usage, "input_tokens") - cached),
        output_tokens=count(usage, "output_tokens"),
        cached_input_tokens=cached,
        reasoning_tokens=count(usage, "reasoning_output_tokens"),
    )


def _arguments(request: ModelRequest) -> tuple[str, ...]:
    return (
        "exec",
        *("--json", "--color", "never", "--sandbox", "read-only", "--skip-git-repo-check"),
        *("--ephemeral", "--ignore-user-config", "--ignore-rules"),
        *("--disable", "shell_tool", "--config", 'web_search="disabled"'),
        *_effort(request),
        *model_arguments(request),
        "-",
    )


def _effort(request: ModelRequest) -> tuple[str, ...]:
    if request.effort is None:
        return ()
    effort = Effort.XHIGH if request.effort is Effort.MAX else request.effort
    return ("--config", f'model_reasoning_effort="{effort.value}"')


def _secret_variable(_secret: str) -> str:
    return "CODEX_API_KEY"


def _dialect() -> Dialect:
    return CodexDialect()


class CodexCliProvider(CliProvider):
    # OPENAI_API_KEY is not inherited: a session answers from its subscription or not at all.
    tool = Tool(
        title="Codex CLI",
        executable="codex",
        sign_in="Run `codex login` in a terminal.",
        arguments=_arguments,
        dialect=_dialect,
        secret_variable=_secret_variable,
        model=DiscoveredModel(
            SESSION, "Codex CLI session", 200_000, capabilities=frozenset({"thinking"})
        ),
        variables=frozenset({"CODEX_HOME"}),
    )
