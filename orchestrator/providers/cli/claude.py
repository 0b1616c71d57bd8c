"""Claude Code in print mode: its own tools, settings, hooks and MCP servers are off."""

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
    Usage,
)
from orchestrator.routing.types import Effort

OAUTH_PREFIX = "sk-ant-oat"
EFFORTS = {
    Effort.NONE: "low",
    Effort.MINIMAL: "low",
    Effort.LOW: "low",
    Effort.MEDIUM: "medium",
    Effort.HIGH: "high",
    Effort.XHIGH: "xhigh",
    Effort.MAX: "max",
}
STOP_REASONS = {
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "refusal": StopReason.REFUSAL,
}


class ClaudeDialect:
    """Partial messages carry the text; the `result` document closes the answer."""

    def __init__(self) -> None:
        self._has_text = False
        self._model = ""
        self._stop_reason = StopReason.END

    def read(self, document: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        match document.get("type"):
            case "stream_event":
                yield from self._partial(mapping(document.get("event")))
            case "assistant":
                yield from self._whole(mapping(document.get("message")))
            case "result":
                yield from self._result(document)

    def end(self) -> Iterator[ProviderEvent]:
        yield from ()

    def _partial(self, event: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        delta = mapping(event.get("delta"))
        match event.get("type"), delta.get("type"):
            case "message_start", _:
                self._model = text(mapping(event.get("message")).get("model"))
            case "content_block_delta", "text_delta":
                yield from self._say(delta.get("text"))
            case "content_block_delta", "thinking_delta":
                if thought := text(delta.get("thinking")):
                    yield ThinkingDelta(thought)
            case "message_delta", _:
                reason = str(delta.get("stop_reason"))
                self._stop_reason = STOP_REASONS.get(reason, StopReason.END)

    def _whole(self, message: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        """Only for a version that sent no partial messages."""
        if self._model or self._has_text or message.get("model") == "<synthetic>":
            return
        self._model = text(message.get("model"))
        for block in mappings(message.get("content")):
            if block.get("type") == "text":
                yield from self._say(block.get("text"))

    def _result(self, document: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        if document.get("is_error") or document.get("subtype") != "success":
            words = text(document.get("result")) or text(document.get("subtype"))
            raise ToolFault(words, count(document, "api_error_status") or None)
        if not self._has_text:
            yield from self._say(document.get("result"))
        usage = mapping(document.get("usage"))
        yield Finished(self._stop_reason, _usage(usage) if usage else None, self._model)

    def _say(self, value: object) -> Iterator[ProviderEvent]:
        if said := text(value):
            self._has_text = True
            yield TextDelta(said)


def _usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        input_tokens=count(usage, "input_tokens"),
        output_tokens=count(usage, "output_tokens"),
        cached_input_tokens=count(usage, "cache_read_input_tokens"),
        cache_write_tokens=count(usage, "cache_creation_input_tokens"),
    )


def _arguments(request: ModelRequest) -> tuple[str, ...]:
    effort = () if request.effort is None else ("--effort", EFFORTS[request.effort])
    return (
        "--print",
        *("--output-format", "stream-json", "--verbose", "--include-partial-messages"),
        *("--tools", "", "--setting-sources", "", "--strict-mcp-config"),
        *("--disable-slash-commands", "--no-session-persistence"),
        *("--system-prompt", "You are a helpful assistant."),
        *effort,
        *model_arguments(request),
    )


def _secret_variable(secret: str) -> str:
    is_subscription = secret.startswith(OAUTH_PREFIX)
    return "CLAUDE_CODE_OAUTH_TOKEN" if is_subscription else "ANTHROPIC_API_KEY"


def _dialect() -> Dialect:
    return ClaudeDialect()


class ClaudeCliProvider(CliProvider):
    # ANTHROPIC_API_KEY is not inherited: print mode would bill it instead of the subscription.
    tool = Tool(
        title="Claude Code",
        executable="claude",
        sign_in="Run `claude` in a terminal and sign in.",
        arguments=_arguments,
        dialect=_dialect,
        secret_variable=_secret_variable,
        model=DiscoveredModel(
            SESSION, "Claude Code session", 200_000, capabilities=frozenset({"thinking"})
        ),
        variables=frozenset({"CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN"}),
        settings={
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
            "DISABLE_AUTOUPDATER": "1",
        },
        # Older versions could be made to read settings hidden in another argument's value.
        oldest=(2, 1, 118),
    )
