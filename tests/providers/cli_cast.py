"""What the command-line tool tests share: a private PATH, a provider on it, a way to read it."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.cli.claude import ClaudeCliProvider
from orchestrator.providers.cli.codex import CodexCliProvider
from orchestrator.providers.cli.gemini import GeminiCliProvider
from orchestrator.providers.cli.kimi import KimiCliProvider
from orchestrator.providers.cli.sessions import CliProvider
from orchestrator.providers.cli.subprocesses import Limits
from orchestrator.providers.vocabulary import (
    Message,
    ModelRequest,
    ProviderEvent,
    TextDelta,
    TextPart,
)

ADAPTERS: dict[str, type[CliProvider]] = {
    "claude": ClaudeCliProvider,
    "kimi": KimiCliProvider,
    "codex": CodexCliProvider,
    "gemini": GeminiCliProvider,
}
GOOD_LINES: dict[str, list[dict[str, object]]] = {
    "claude": [{"type": "result", "subtype": "success", "is_error": False, "result": "Hello."}],
    "kimi": [{"role": "assistant", "content": "Hello."}],
    "codex": [
        {"type": "item.completed", "item": {"type": "agent_message", "text": "Hello."}},
        {"type": "turn.completed", "usage": {"input_tokens": 5, "output_tokens": 2}},
    ],
    "gemini": [
        {"type": "message", "role": "assistant", "content": "Hello.", "delta": True},
        {"type": "result", "status": "success", "stats": {"input_tokens": 5}},
    ],
}
FIRST_WORDS: dict[str, list[dict[str, object]]] = {
    "claude": [
        {
            "type": "stream_event",
            "event": {
                "type": "content_block_delta",
                "delta": {"type": "text_delta", "text": "Hello."},
            },
        }
    ],
    "kimi": GOOD_LINES["kimi"],
    "codex": GOOD_LINES["codex"][:1],
    "gemini": GOOD_LINES["gemini"][:1],
}


def provider(
    name: str,
    folder: Path,
    *,
    secret: str = "",
    environ: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> CliProvider:
    return ADAPTERS[name](
        ProviderSpec(name, f"{name}-cli", secret=secret, options=options or {}),
        {"PATH": str(folder), "HOME": str(folder)} | dict(environ or {}),
        limits or Limits(term_grace_s=0.2),
    )


def request(
    text: str = "Say hello.", *, model_id: str = "session", **fields: object
) -> ModelRequest:
    messages = (Message("user", (TextPart(text),)),)
    settings: dict[str, object] = {"messages": messages, "max_output_tokens": 1000, **fields}
    return ModelRequest(model_id, **settings)  # type: ignore[arg-type]


async def collect(adapter: CliProvider, sent: ModelRequest | None = None) -> list[ProviderEvent]:
    return [event async for event in adapter.stream(sent or request())]


def spoken(events: list[ProviderEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
