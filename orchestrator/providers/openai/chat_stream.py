"""From the chunks of Chat Completions to our events, across the servers' many dialects."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from orchestrator.providers.openai import details
from orchestrator.providers.vocabulary import (
    Finished,
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from orchestrator.providers.wire.fields import Document, count, document, documents, text

STOP_REASONS: Mapping[str, StopReason] = {
    "stop": StopReason.END,
    "length": StopReason.MAX_TOKENS,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_length": StopReason.MAX_TOKENS,
    "tool_calls": StopReason.TOOL_CALLS,
    "function_call": StopReason.TOOL_CALLS,
    "content_filter": StopReason.REFUSAL,
}


@dataclass(slots=True)
class OpenCall:
    index: int
    id: str = ""
    has_arguments: bool = False


@dataclass(slots=True)
class ChatTranslation:
    """One answer on its way. `stop_reason` is set when the provider said the answer is whole."""

    request_id: str = ""
    model_id: str = ""
    stop_reason: StopReason | None = None
    usage: Usage | None = None
    is_refused: bool = False
    is_over: bool = False
    calls: list[OpenCall] = field(default_factory=list)
    details: list[dict[str, Any]] = field(default_factory=list)
    # The provider's own index of a call to the latest call that had it.
    by_index: dict[int, OpenCall] = field(default_factory=dict)
    # For servers that name no calls: a conversation must not hold the same id twice.
    call_prefix: str = field(default_factory=lambda: f"call_{uuid4().hex}")

    def events(self, chunk: Document) -> Iterator[ProviderEvent]:
        self.model_id = text(chunk.get("model")) or self.model_id
        self.request_id = self.request_id or text(chunk.get("id"))
        self._note_usage(chunk.get("usage"))
        self._note_usage(document(chunk.get("x_groq")).get("usage"))
        for choice in documents(chunk.get("choices")):
            if choice.get("index") not in (None, 0):
                continue
            self._note_usage(choice.get("usage"))
            yield from self._delta(document(choice.get("delta") or choice.get("message")))
            if reason := text(choice.get("finish_reason")):
                self.stop_reason = STOP_REASONS.get(reason, StopReason.END)

    def close(self) -> Iterator[ProviderEvent]:
        """The last events. There is no `Finished` when the provider did not say how it ended."""
        if self.stop_reason is None:
            return
        if seal := details.sealed(self.details):
            yield ThinkingDelta("", signature=seal)
        for call in self.calls:
            if not call.has_arguments:
                yield ToolCallDelta(call.index, arguments="{}")
        reason = self.stop_reason
        if self.is_refused:
            reason = StopReason.REFUSAL
        elif self.calls and reason is StopReason.END:
            reason = StopReason.TOOL_CALLS
        yield Finished(reason, self.usage, self.model_id, self.request_id)

    def note_done(self) -> None:
        self.is_over = True
        self.stop_reason = self.stop_reason or StopReason.END

    def _note_usage(self, said: Any) -> None:
        self.usage = usage_of(document(said)) or self.usage

    def _delta(self, delta: Document) -> Iterator[ProviderEvent]:
        thinking = text(delta.get("reasoning_content")) or text(delta.get("reasoning"))
        if thinking:
            yield ThinkingDelta(thinking)
        for piece in documents(delta.get("reasoning_details")):
            details.add(self.details, piece)
        yield from _content(delta.get("content"))
        if refusal := text(delta.get("refusal")):
            self.is_refused = True
            yield TextDelta(refusal)
        for call in documents(delta.get("tool_calls")):
            yield from self._call(call)

    def _call(self, delta: Document) -> Iterator[ProviderEvent]:
        function = document(delta.get("function"))
        name = text(function.get("name"))
        arguments = _arguments(function.get("arguments"))
        call = self._continued(delta, name)
        if call is None:
            call = self._open(delta)
            call.has_arguments = bool(arguments)
            yield ToolCallDelta(call.index, call.id, name, arguments)
        elif arguments:
            call.has_arguments = True
            yield ToolCallDelta(call.index, arguments=arguments)

    def _continued(self, delta: Document, name: str) -> OpenCall | None:
        """The call that this delta goes on with; some servers send no index, others always 0."""
        index, call_id = delta.get("index"), text(delta.get("id"))
        if isinstance(index, int):
            call = self.by_index.get(index)
        elif call_id:
            return next((call for call in self.calls if call.id == call_id), None)
        else:
            call = self.calls[-1] if self.calls and not name else None
        if call is not None and name and call_id and call_id != call.id:
            return None
        return call

    def _open(self, delta: Document) -> OpenCall:
        number = len(self.calls)
        call = OpenCall(number, text(delta.get("id")) or f"{self.call_prefix}_{number}")
        self.calls.append(call)
        index = delta.get("index")
        if isinstance(index, int):
            self.by_index[index] = call
        return call


def _content(content: Any) -> Iterator[ProviderEvent]:
    """Text; or a list of parts, in which Mistral's thinking models send their thoughts."""
    if isinstance(content, str) and content:
        yield TextDelta(content)
    for part in documents(content):
        if part.get("type") == "thinking":
            for thought in documents(part.get("thinking")):
                if thinking := text(thought.get("text")):
                    yield ThinkingDelta(thinking)
        elif piece := text(part.get("text")):
            yield TextDelta(piece)


def _arguments(arguments: Any) -> str:
    return json.dumps(arguments) if isinstance(arguments, dict) else text(arguments)


def usage_of(said: Document) -> Usage | None:
    """Prompt tokens include the cached ones here; our counts do not overlap."""
    if said.get("prompt_tokens") is None and said.get("completion_tokens") is None:
        return None
    details = document(said.get("prompt_tokens_details"))
    cached = (
        count(details.get("cached_tokens"))
        or count(said.get("prompt_cache_hit_tokens"))
        or count(said.get("cached_tokens"))
    )
    written = count(details.get("cache_write_tokens"))
    prompt, output = count(said.get("prompt_tokens")), count(said.get("completion_tokens"))
    reasoning = count(document(said.get("completion_tokens_details")).get("reasoning_tokens"))
    if reasoning and count(said.get("total_tokens")) == prompt + output + reasoning:
        # xAI counts what it thought beside the completion, where the others count it within.
        output += reasoning
    return Usage(
        input_tokens=max(0, prompt - cached - written),
        output_tokens=output,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=reasoning,
    )
