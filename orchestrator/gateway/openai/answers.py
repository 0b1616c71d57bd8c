"""Chat Completions as a client gets them, whole and in chunks."""

from typing import Any

from django.utils import timezone

from orchestrator.gateway import calls
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.gathered import CallBlock, Gathered
from orchestrator.gateway.http import comment, frame
from orchestrator.gateway.openai import errors
from orchestrator.patterns.events import Event, Text, Thinking, ToolCall
from orchestrator.providers.vocabulary import StopReason, Usage

FINISH = {
    StopReason.END: "stop",
    StopReason.STOP_SEQUENCE: "stop",
    StopReason.MAX_TOKENS: "length",
    StopReason.TOOL_CALLS: "tool_calls",
    StopReason.REFUSAL: "content_filter",
}
DONE = b"data: [DONE]\n\n"


def whole(asked: Asked, told: Gathered) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": told.text or None, "refusal": None}
    if told.thinking:
        message["reasoning_content"] = told.thinking
    if told.calls:
        message["tool_calls"] = [_call(block) for block in told.calls]
    elif message["content"] is None:
        message["content"] = ""
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(told)}
    return {
        **_head(asked, told, "chat.completion"),
        "choices": [choice],
        "usage": usage(told.usage),
        "clutch": told.document(),
    }


def usage(used: Usage) -> dict[str, Any]:
    """OpenAI counts what came out of a cache within the prompt."""
    prompt = used.input_tokens + used.cached_input_tokens + used.cache_write_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": used.output_tokens,
        "total_tokens": prompt + used.output_tokens,
        "prompt_tokens_details": {"cached_tokens": used.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
    }


def _head(asked: Asked, told: Gathered, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{told.trip}",
        "object": kind,
        "created": int(timezone.now().timestamp()),
        "model": asked.model,
    }


def _reason(told: Gathered) -> str:
    """A call is what a client looks for, whatever the provider called the end."""
    return "tool_calls" if told.calls else FINISH[told.stop_reason]


def _call(block: CallBlock) -> dict[str, Any]:
    function = {"name": block.name, "arguments": block.arguments or "{}"}
    told_id = calls.told_id(block.id, block.gear)
    return {"id": told_id, "type": "function", "function": function, **_extra(block.signature)}


def _extra(signature: str) -> dict[str, Any]:
    """Where Google's own OpenAI endpoint puts it."""
    return {"extra_content": {"google": {"thought_signature": signature}}} if signature else {}


class ChatStream:
    """Chunks of one answer; indices of tool calls count from 0 in the order they begin."""

    def __init__(self, asked: Asked, told: Gathered) -> None:
        self.asked = asked
        self.told = told
        self._head = _head(asked, told, "chat.completion.chunk")
        self._places: dict[int, int] = {}

    def begin(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def tell(self, event: Event) -> bytes:
        match event:
            case Text(text=text) if text:
                return self._chunk({"content": text})
            case Thinking(text=text) if text:
                return self._chunk({"reasoning_content": text})
            case ToolCall():
                return self._chunk({"tool_calls": [self._call(event)]})
        return b""

    def _call(self, event: ToolCall) -> dict[str, Any]:
        """Id and name only once: clients put the pieces of a text together."""
        is_first = event.index not in self._places
        index = self._places.setdefault(event.index, len(self._places))
        extra = _extra(event.signature)
        if not is_first:
            return {"index": index, "function": {"arguments": event.arguments}, **extra}
        return {
            "index": index,
            "id": calls.told_id(event.id, self.told.gear),
            "type": "function",
            "function": {"name": event.name, "arguments": event.arguments},
            **extra,
        }

    def quiet(self) -> bytes:
        return comment("still at it")

    def end(self) -> bytes:
        own = {"clutch": self.told.document()}
        last = self._chunk({}, finish_reason=_reason(self.told), **own)
        if not self.asked.has_usage:
            return last + DONE
        counted = {**self._head, "choices": [], "usage": usage(self.told.usage), **own}
        return last + frame(counted) + DONE

    def fail(self, refused: Refused) -> bytes:
        return frame(errors.document(refused))

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None, **own: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        told: dict[str, Any] = {**self._head, "choices": [choice], **own}
        if self.asked.has_usage:
            told["usage"] = None
        return frame(told)
