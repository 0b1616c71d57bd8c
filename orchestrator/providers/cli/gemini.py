"""Gemini CLI in headless mode, with a workspace of its own that switches every tool off."""

import json
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
    Usage,
)

WORKSPACE = {
    "tools": {"core": []},
    "mcp": {"allowed": []},
    "context": {"fileName": "no-context-file"},
    "general": {"enableAutoUpdate": False},
    "privacy": {"usageStatisticsEnabled": False},
}


class GeminiDialect:
    """Message chunks; `result` closes the answer with its counts."""

    def __init__(self) -> None:
        self._model = ""
        self._last_error = ""

    def read(self, document: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        match document.get("type"):
            case "init":
                self._model = text(document.get("model"))
            case "message" if document.get("role") == "assistant":
                if said := text(document.get("content")):
                    yield TextDelta(said)
            case "error":
                self._last_error = text(document.get("message"))
            case "result":
                yield self._result(document)

    def end(self) -> Iterator[ProviderEvent]:
        if self._last_error:
            raise ToolFault(self._last_error)
        yield from ()

    def _result(self, document: Mapping[str, Any]) -> ProviderEvent:
        if document.get("status") != "success":
            words = text(mapping(document.get("error")).get("message"))
            raise ToolFault(words or self._last_error)
        stats = mapping(document.get("stats"))
        return Finished(StopReason.END, _usage(stats) if stats else None, self._model)


def _usage(stats: Mapping[str, Any]) -> Usage:
    """Cached tokens are within the input; thoughts are only in the total, and billed as output."""
    cached, written = count(stats, "cached"), count(stats, "output_tokens")
    thoughts = max(0, count(stats, "total_tokens") - count(stats, "input_tokens") - written)
    return Usage(
        input_tokens=max(0, count(stats, "input_tokens") - cached),
        output_tokens=written + thoughts,
        cached_input_tokens=cached,
        reasoning_tokens=thoughts,
    )


def _arguments(request: ModelRequest) -> tuple[str, ...]:
    return (
        *("--output-format", "stream-json", "--approval-mode", "default"),
        *("--extensions", "none", "--allowed-mcp-server-names", "none"),
        *model_arguments(request),
    )


def _secret_variable(_secret: str) -> str:
    return "GEMINI_API_KEY"


def _dialect() -> Dialect:
    return GeminiDialect()


class GeminiCliProvider(CliProvider):
    tool = Tool(
        title="Gemini CLI",
        executable="gemini",
        sign_in="Run `gemini` in a terminal and sign in.",
        arguments=_arguments,
        dialect=_dialect,
        secret_variable=_secret_variable,
        model=DiscoveredModel(SESSION, "Gemini CLI session", 1_000_000),
        variables=frozenset({"GEMINI_CLI_HOME", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"}),
        # The folder is ours and holds these settings, so the tool may trust it.
        settings={"GEMINI_CLI_TRUST_WORKSPACE": "true"},
        # The empty .env ends a search that would go up to the shared temporary folder.
        files={".gemini/settings.json": json.dumps(WORKSPACE), ".gemini/.env": ""},
    )
