"""From the events of Anthropic's Messages stream to ours; plain documents, no SDK."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.providers.anthropic.messages import REDACTED
from orchestrator.providers.vocabulary import (
    Finished,
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)

STOP_REASONS: Mapping[str, StopReason] = {
    "end_turn": StopReason.END,
    "pause_turn": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "tool_use": StopReason.TOOL_CALLS,
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "refusal": StopReason.REFUSAL,
}
Document = Mapping[str, Any]


@dataclass(slots=True)
class OpenBlock:
    """A content block between its start and its stop."""

    kind: str
    call: int = -1
    has_arguments: bool = False
    signature: str = ""


@dataclass(slots=True)
class Translation:
    """One answer on its way. `finished` is set when the vendor said the answer is whole."""

    request_id: str = ""
    finished: Finished | None = None
    model_id: str = ""
    stop_reason: StopReason = StopReason.END
    calls: int = 0
    first_usage: Document = field(default_factory=dict)
    last_usage: Document = field(default_factory=dict)
    blocks: dict[int, OpenBlock] = field(default_factory=dict)

    def events(self, document: Document) -> Iterator[ProviderEvent]:
        """`Finished` is not among them: it waits in `finished` until the stream is read out."""
        index = _number(document.get("index"))
        match document.get("type"):
            case "message_start":
                self._start(_document(document.get("message")))
            case "content_block_start":
                yield from self._open(index, _document(document.get("content_block")))
            case "content_block_delta":
                yield from self._delta(index, _document(document.get("delta")))
            case "content_block_stop":
                yield from self._close(index)
            case "message_delta":
                self._note_end(document)
            case "message_stop":
                self.finished = self._finish()
            case _:
                pass  # pings, and kinds of events that are added later

    def _start(self, message: Document) -> None:
        self.model_id = _text(message.get("model"))
        self.first_usage = _document(message.get("usage"))

    def _open(self, index: int, block: Document) -> Iterator[ProviderEvent]:
        opened = self.blocks[index] = OpenBlock(_text(block.get("type")))
        match opened.kind:
            case "text":
                yield from _text_deltas(block.get("text"))
            case "thinking":
                yield from _thinking_deltas(block.get("thinking"))
                opened.signature = _text(block.get("signature"))
            case "redacted_thinking":
                opened.signature = REDACTED + _text(block.get("data"))
            case "tool_use":
                yield self._open_call(opened, block)
            case _:
                pass  # tools that run at the vendor are not ours to answer

    def _open_call(self, opened: OpenBlock, block: Document) -> ToolCallDelta:
        opened.call = self.calls
        self.calls += 1
        arguments = _document(block.get("input"))
        opened.has_arguments = bool(arguments)
        return ToolCallDelta(
            index=opened.call,
            id=_text(block.get("id")),
            name=_text(block.get("name")),
            arguments=json.dumps(arguments) if arguments else "",
        )

    def _delta(self, index: int, delta: Document) -> Iterator[ProviderEvent]:
        block = self.blocks.get(index)
        match delta.get("type"):
            case "text_delta":
                yield from _text_deltas(delta.get("text"))
            case "thinking_delta":
                yield from _thinking_deltas(delta.get("thinking"))
            case "signature_delta" if block is not None:
                block.signature += _text(delta.get("signature"))
            case "input_json_delta" if block is not None and block.kind == "tool_use":
                if arguments := _text(delta.get("partial_json")):
                    block.has_arguments = True
                    yield ToolCallDelta(index=block.call, arguments=arguments)
            case _:
                pass

    def _close(self, index: int) -> Iterator[ProviderEvent]:
        block = self.blocks.pop(index, None)
        if block is None:
            return
        if block.signature:
            yield ThinkingDelta("", signature=block.signature)
        if block.kind == "tool_use" and not block.has_arguments:
            # A call without parameters comes without any JSON at all.
            yield ToolCallDelta(index=block.call, arguments="{}")

    def _note_end(self, document: Document) -> None:
        reason = _text(_document(document.get("delta")).get("stop_reason"))
        self.stop_reason = STOP_REASONS.get(reason, self.stop_reason)
        self.last_usage = _document(document.get("usage")) or self.last_usage

    def _finish(self) -> Finished:
        return Finished(
            stop_reason=self.stop_reason,
            usage=_usage(self.first_usage, self.last_usage),
            model_id=self.model_id,
            request_id=self.request_id,
        )


def _usage(first: Document, last: Document) -> Usage | None:
    """The first event's output count is a placeholder, so without the last there is no usage."""
    if last.get("output_tokens") is None:
        return None
    counts = {**first, **{name: value for name, value in last.items() if value is not None}}
    details = _document(counts.get("output_tokens_details"))
    return Usage(
        input_tokens=_number(counts.get("input_tokens")),
        output_tokens=_number(counts.get("output_tokens")),
        cached_input_tokens=_number(counts.get("cache_read_input_tokens")),
        cache_write_tokens=_number(counts.get("cache_creation_input_tokens")),
        reasoning_tokens=_number(details.get("thinking_tokens")),
    )


def _text_deltas(text: Any) -> Iterator[ProviderEvent]:
    if isinstance(text, str) and text:
        yield TextDelta(text)


def _thinking_deltas(text: Any) -> Iterator[ProviderEvent]:
    if isinstance(text, str) and text:
        yield ThinkingDelta(text)


def _document(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
