"""Chat Completions: our request as its body, its chunks as our events."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.providers.errors import BadRequest
from orchestrator.providers.vocabulary import (
    DocumentPart,
    Finished,
    ImagePart,
    Message,
    ModelRequest,
    Part,
    ProviderEvent,
    StopReason,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from orchestrator.routing.types import Effort

STOP_REASONS = {
    "stop": StopReason.END,
    "length": StopReason.MAX_TOKENS,
    "tool_calls": StopReason.TOOL_CALLS,
    "function_call": StopReason.TOOL_CALLS,
    "content_filter": StopReason.REFUSAL,
}


def body(request: ModelRequest, options: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "model": request.model_id,
        "messages": [*_system(request, options), *_messages(request, options)],
        "stream": True,
        options.get("max_tokens_field", "max_tokens"): request.max_output_tokens,
    }
    if options.get("include_usage", "true") == "true":
        document["stream_options"] = {"include_usage": True}
    if request.effort is not None and request.effort is not Effort.NONE:
        document["reasoning_effort"] = request.effort.value
    elif request.temperature is not None:
        document["temperature"] = request.temperature
    if request.stop:
        document["stop"] = list(request.stop)
    if request.tools:
        document |= _tools(request)
    if request.json_schema is not None:
        document["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": dict(request.json_schema), "strict": True},
        }
    return document


def _tools(request: ModelRequest) -> dict[str, Any]:
    choice: Any = {"auto": "auto", "none": "none", "any": "required"}.get(request.tool_choice.mode)
    return {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.schema),
                },
            }
            for tool in request.tools
        ],
        "tool_choice": choice
        or {"type": "function", "function": {"name": request.tool_choice.name}},
    }


def _system(request: ModelRequest, options: Mapping[str, str]) -> list[dict[str, Any]]:
    if not request.system:
        return []
    return [{"role": options.get("system_role", "system"), "content": request.system}]


def _messages(request: ModelRequest, options: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for message in request.messages:
        if message.role == "assistant":
            yield _assistant(message)
        else:
            yield from _user(message, options)


def _assistant(message: Message) -> dict[str, Any]:
    """Thinking stays out: this format has no place for another turn's."""
    document: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    if calls:
        document["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in calls
        ]
    return document


def _user(message: Message, options: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Tool results first, as messages of their own, because they must follow their calls."""
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            content = f"Error: {part.content}" if part.is_error else part.content
            yield {"role": "tool", "tool_call_id": part.call_id, "content": content}
    rest = [part for part in message.parts if not isinstance(part, ToolResultPart)]
    if all(isinstance(part, TextPart) for part in rest):
        if message.text:
            yield {"role": "user", "content": message.text}
    else:
        yield {"role": "user", "content": [_content(part, options) for part in rest]}


def _content(part: Part, options: Mapping[str, str]) -> dict[str, Any]:
    match part:
        case TextPart(text):
            return {"type": "text", "text": text}
        case ImagePart(media_type, data):
            return {"type": "image_url", "image_url": {"url": data_url(media_type, data)}}
        case DocumentPart(media_type, data, name) if options.get("pdf") == "true":
            file = {"filename": name, "file_data": data_url(media_type, data)}
            return {"type": "file", "file": file}
        case DocumentPart():
            raise BadRequest("This provider takes no PDF files. Paste their text instead.")
        case _:
            raise BadRequest("This provider cannot take a part of the message.")


def data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


class ChatTranslation:
    """Chunks to events. `finished` gives the last one, once the provider has said how it ended."""

    def __init__(self) -> None:
        self._stop_reason: StopReason | None = None
        self._usage: Usage | None = None
        self._model_id = ""
        self._id = ""
        self._has_calls = False

    def events(self, chunk: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        self._model_id = chunk.get("model") or self._model_id
        self._id = chunk.get("id") or self._id
        if isinstance(chunk.get("usage"), dict):
            self._usage = usage_of(chunk["usage"])
        for choice in chunk.get("choices") or ():
            if not isinstance(choice, dict):
                continue
            yield from self._delta(choice.get("delta") or choice.get("message") or {})
            if reason := choice.get("finish_reason"):
                self._stop_reason = STOP_REASONS.get(reason, StopReason.END)

    def _delta(self, delta: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        thinking = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thinking, str) and thinking:
            yield ThinkingDelta(thinking)
        text = delta.get("content") or delta.get("refusal")
        if isinstance(text, str) and text:
            yield TextDelta(text)
        for place, call in enumerate(delta.get("tool_calls") or ()):
            self._has_calls = True
            function = call.get("function") or {}
            index = call.get("index")
            yield ToolCallDelta(
                index=index if isinstance(index, int) else place,
                id=call.get("id") or "",
                name=function.get("name") or "",
                arguments=function.get("arguments") or "",
            )

    def finished(self) -> Finished | None:
        if self._stop_reason is None:
            return None
        reason = self._stop_reason
        if self._has_calls and reason is StopReason.END:
            reason = StopReason.TOOL_CALLS
        return Finished(reason, self._usage, self._model_id, self._id)


def usage_of(document: Mapping[str, Any]) -> Usage:
    """Prompt tokens include the cached ones here; ours do not overlap."""
    details = document.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or document.get("prompt_cache_hit_tokens") or 0
    reasoning = (document.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0
    prompt = document.get("prompt_tokens") or 0
    return Usage(
        input_tokens=max(0, prompt - cached),
        output_tokens=document.get("completion_tokens") or 0,
        cached_input_tokens=cached,
        reasoning_tokens=reasoning,
    )
