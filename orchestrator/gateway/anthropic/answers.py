"""Anthropic's Messages as a client gets them, whole and as events in their strict order."""

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.gateway import calls
from orchestrator.gateway.anthropic import errors
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.gathered import (
    Block,
    CallBlock,
    Gathered,
    TextBlock,
    ThinkingBlock,
    arguments_of,
)
from orchestrator.gateway.http import frame
from orchestrator.patterns.events import Event, Text, Thinking, ToolCall
from orchestrator.providers.vocabulary import StopReason, Usage
from orchestrator.services.driving import counting

STOP = {
    StopReason.END: "end_turn",
    StopReason.STOP_SEQUENCE: "stop_sequence",
    StopReason.MAX_TOKENS: "max_tokens",
    StopReason.TOOL_CALLS: "tool_use",
    StopReason.REFUSAL: "refusal",
}


def whole(asked: Asked, told: Gathered) -> dict[str, Any]:
    return {
        **_head(asked, told),
        "content": [_content(block) for block in told.blocks],
        "stop_reason": _reason(told),
        "usage": usage(told.usage),
        "clutch": told.document(),
    }


def usage(used: Usage) -> dict[str, int]:
    return {
        "input_tokens": used.input_tokens,
        "cache_creation_input_tokens": used.cache_write_tokens,
        "cache_read_input_tokens": used.cached_input_tokens,
        "output_tokens": used.output_tokens,
    }


def _head(asked: Asked, told: Gathered) -> dict[str, Any]:
    return {
        "id": f"msg_{told.trip.replace('-', '')}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _reason(told: Gathered) -> str:
    return "tool_use" if told.calls else STOP[told.stop_reason]


def _content(block: Block) -> dict[str, Any]:
    opened = _opened(block)
    match block:
        case TextBlock(text=text):
            opened["text"] = text
        case ThinkingBlock(text=text, gear=gear, signature=signature):
            opened |= {"thinking": text, "signature": calls.told_signature(signature, gear)}
        case CallBlock():
            opened["input"] = arguments_of(block)
    return opened


def _opened(block: Block) -> dict[str, Any]:
    match block:
        case TextBlock():
            return {"type": "text", "text": ""}
        case ThinkingBlock():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case CallBlock(id=call_id, name=name, gear=gear):
            told_id = calls.told_id(call_id, gear)
            return {"type": "tool_use", "id": told_id, "name": name, "input": {}}


class MessageStream:
    """Blocks open and close one after the other, as clients put them together by arrival.

    Behind an open tool call everything else waits: its arguments may still come between others.
    """

    def __init__(self, asked: Asked, told: Gathered) -> None:
        self.asked = asked
        self.told = told
        self._index = -1
        self._open: Block | None = None

    def begin(self) -> bytes:
        counted = usage(Usage(input_tokens=counting.tokens(self.asked.request), output_tokens=1))
        head = {**_head(self.asked, self.told), "usage": counted}
        told = {name: value for name, value in self.told.document().items() if name != "cost_usd"}
        return _event({"type": "message_start", "message": {**head, "clutch": told}})

    def tell(self, event: Event) -> bytes:
        """`told` has taken the event already, so its last block is the one that it belongs to."""
        if isinstance(self._open, CallBlock):
            is_its = isinstance(event, ToolCall) and event.index == self._open.index
            return self._delta(_piece(event)) if is_its else b""
        opened = b"" if self.told.blocks[-1] is self._open else self._next(self.told.blocks[-1])
        return opened + b"".join(self._delta(piece) for piece in _pieces(event, self.told.gear))

    def quiet(self) -> bytes:
        return _event({"type": "ping"})

    def end(self) -> bytes:
        rest = b"".join(self._whole(block) for block in self._waiting())
        delta = {"stop_reason": _reason(self.told), "stop_sequence": None}
        counted = {"type": "message_delta", "delta": delta, "usage": usage(self.told.usage)}
        last = _event({**counted, "clutch": self.told.document()})
        return rest + self._close() + last + _event({"type": "message_stop"})

    def fail(self, refused: Refused) -> bytes:
        return _event(errors.document(refused, f"req_{self.told.trip.replace('-', '')}"))

    def _waiting(self) -> list[Block]:
        """What came after a tool call was opened."""
        if not isinstance(self._open, CallBlock):
            return []
        place = next(n for n, block in enumerate(self.told.blocks) if block is self._open)
        return self.told.blocks[place + 1 :]

    def _whole(self, block: Block) -> bytes:
        return self._next(block) + b"".join(map(self._delta, _deltas(block)))

    def _next(self, block: Block) -> bytes:
        closed = self._close()
        self._index, self._open = self._index + 1, block
        started = {"type": "content_block_start", "index": self._index}
        return closed + _event({**started, "content_block": _opened(block)})

    def _delta(self, delta: dict[str, str]) -> bytes:
        return _event({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        return _event({"type": "content_block_stop", "index": self._index})


def _pieces(event: Event, gear: str) -> Iterator[dict[str, str]]:
    match event:
        case Thinking(text=text, signature=signature):
            if text:
                yield {"type": "thinking_delta", "thinking": text}
            if signature:
                sealed = calls.told_signature(signature, gear)
                yield {"type": "signature_delta", "signature": sealed}
        case Text() | ToolCall():
            yield _piece(event)


def _piece(event: Event) -> dict[str, str]:
    if isinstance(event, ToolCall):
        return {"type": "input_json_delta", "partial_json": event.arguments}
    return {"type": "text_delta", "text": event.text if isinstance(event, Text) else ""}


def _deltas(block: Block) -> Iterator[dict[str, str]]:
    match block:
        case TextBlock(text=text):
            yield {"type": "text_delta", "text": text}
        case ThinkingBlock(text=text, gear=gear, signature=signature):
            yield {"type": "thinking_delta", "thinking": text}
            if signature:
                sealed = calls.told_signature(signature, gear)
                yield {"type": "signature_delta", "signature": sealed}
        case CallBlock():
            arguments = json.dumps(arguments_of(block), ensure_ascii=False)
            yield {"type": "input_json_delta", "partial_json": arguments}


def _event(document: dict[str, Any]) -> bytes:
    return frame(document, event=document["type"])
