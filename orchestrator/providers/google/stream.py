"""From the chunks of a Gemini stream to our events; plain documents, no SDK."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from orchestrator.providers import errors
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
    "STOP": StopReason.END,
    "FINISH_REASON_UNSPECIFIED": StopReason.END,
    "MAX_TOKENS": StopReason.MAX_TOKENS,
    "CONTINUATION": StopReason.MAX_TOKENS,
    "SAFETY": StopReason.REFUSAL,
    "RECITATION": StopReason.REFUSAL,
    "LANGUAGE": StopReason.REFUSAL,
    "BLOCKLIST": StopReason.REFUSAL,
    "PROHIBITED_CONTENT": StopReason.REFUSAL,
    "SPII": StopReason.REFUSAL,
    "IMAGE_SAFETY": StopReason.REFUSAL,
    "IMAGE_PROHIBITED_CONTENT": StopReason.REFUSAL,
    "MODEL_ARMOR": StopReason.REFUSAL,
    "ESCALATION": StopReason.REFUSAL,
    "PUP_LIMITED_DISABLED": StopReason.REFUSAL,
}
Document = Mapping[str, Any]


@dataclass(slots=True)
class Translation:
    """One answer on its way; keys are spelled as the SDK's models spell them."""

    finish_reason: str = ""
    model_id: str = ""
    response_id: str = ""
    calls: int = 0
    usage: Document = field(default_factory=dict)

    def events(self, chunk: Document) -> Iterator[ProviderEvent]:
        self._note(chunk)
        for candidate in chunk.get("candidates", [])[:1]:
            for part in candidate.get("content", {}).get("parts", []):
                yield from self._part(part)
            if reason := candidate.get("finish_reason"):
                self.finish_reason = str(getattr(reason, "value", reason))

    def finished(self) -> Finished:
        """Asked for once the stream has ended; an answer without an end was cut."""
        if not self.finish_reason:
            raise errors.BadStream("Google ended the answer in the middle.")
        reason = STOP_REASONS.get(self.finish_reason)
        if reason is None:
            raise errors.BadStream(f"Google stopped the answer as unusable: {self.finish_reason}.")
        if reason is StopReason.END and self.calls:
            reason = StopReason.TOOL_CALLS
        return Finished(
            stop_reason=reason,
            usage=_usage(self.usage),
            model_id=self.model_id,
            request_id=self.response_id,
        )

    def _note(self, chunk: Document) -> None:
        self.model_id = chunk.get("model_version", self.model_id)
        self.response_id = chunk.get("response_id", self.response_id)
        # Every chunk repeats the counts so far, so the last one holds the whole.
        self.usage = chunk.get("usage_metadata", self.usage)
        feedback = chunk.get("prompt_feedback", {})
        if reason := feedback.get("block_reason"):
            name = getattr(reason, "value", reason)
            raise errors.ContentRefused(
                f"Google's filter refused the prompt ({name}). Rephrase it or choose another gear.",
                request_id=self.response_id,
            )

    def _part(self, part: Document) -> Iterator[ProviderEvent]:
        signature = b64encode(part.get("thought_signature", b"")).decode("ascii")
        if call := part.get("function_call"):
            yield self._call(call, signature)
            return
        if text := part.get("text"):
            yield ThinkingDelta(text) if part.get("thought") else TextDelta(text)
        if signature:
            yield ThinkingDelta("", signature=signature)

    def _call(self, call: Document, signature: str) -> ToolCallDelta:
        index = self.calls
        self.calls += 1
        return ToolCallDelta(
            index=index,
            id=call.get("id") or f"call_{uuid4().hex}",
            name=call.get("name", ""),
            arguments=json.dumps(call.get("args", {})),
            signature=signature,
        )


def _usage(counts: Document) -> Usage | None:
    """The vendor's prompt count includes cached tokens; its answer count leaves thinking out."""
    if not counts:
        return None
    cached = counts.get("cached_content_token_count", 0)
    prompt = counts.get("prompt_token_count", 0) + counts.get("tool_use_prompt_token_count", 0)
    thoughts = counts.get("thoughts_token_count", 0)
    return Usage(
        input_tokens=max(0, prompt - cached),
        output_tokens=counts.get("candidates_token_count", 0) + thoughts,
        cached_input_tokens=cached,
        reasoning_tokens=thoughts,
    )
