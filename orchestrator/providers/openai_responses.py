"""The Responses API: our request as its body, its events as ours."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.providers.errors import BadRequest, ProviderError
from orchestrator.providers.openai_chat import data_url
from orchestrator.providers.statuses import error_for
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
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from orchestrator.routing.types import Effort

# What the event stream calls a failure, as the status it would have had as an answer.
STATUS_BY_CODE = {
    "rate_limit_exceeded": 429,
    "insufficient_quota": 402,
    "server_error": 500,
    "invalid_api_key": 401,
    "model_not_found": 404,
}


def body(request: ModelRequest) -> dict[str, Any]:
    document: dict[str, Any] = {
        "model": request.model_id,
        "input": [item for message in request.messages for item in _items(message)],
        "max_output_tokens": max(16, request.max_output_tokens),
        "stream": True,
        "store": False,
    }
    if request.system:
        document["instructions"] = request.system
    if request.effort is not None:
        summary = {} if request.effort is Effort.NONE else {"summary": "auto"}
        document["reasoning"] = {"effort": request.effort.value, **summary}
    elif request.temperature is not None:
        document["temperature"] = request.temperature
    if request.tools:
        document |= _tools(request)
    if request.json_schema is not None:
        schema = {"name": "answer", "schema": dict(request.json_schema), "strict": True}
        document["text"] = {"format": {"type": "json_schema", **schema}}
    return document


def _tools(request: ModelRequest) -> dict[str, Any]:
    choice: Any = {"auto": "auto", "none": "none", "any": "required"}.get(request.tool_choice.mode)
    return {
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.schema),
                "strict": False,
            }
            for tool in request.tools
        ],
        "tool_choice": choice or {"type": "function", "name": request.tool_choice.name},
    }


def _items(message: Message) -> Iterator[dict[str, Any]]:
    content = []
    for part in message.parts:
        match part:
            case ToolCallPart(id=call_id, name=name, arguments=arguments):
                yield {
                    "type": "function_call",
                    "call_id": call_id,
                    "name": name,
                    "arguments": json.dumps(dict(arguments)),
                }
            case ToolResultPart(call_id=call_id, content=output, is_error=is_error):
                text = f"Error: {output}" if is_error else output
                yield {"type": "function_call_output", "call_id": call_id, "output": text}
            case ThinkingPart():
                continue
            case _:
                content.append(_content(part, message.role))
    if content:
        yield {"role": message.role, "content": content}


def _content(part: Part, role: str) -> dict[str, Any]:
    match part:
        case TextPart(text):
            return {"type": "output_text" if role == "assistant" else "input_text", "text": text}
        case ImagePart(media_type, data):
            return {"type": "input_image", "image_url": data_url(media_type, data)}
        case DocumentPart(media_type, data, name):
            file = {"filename": name, "file_data": data_url(media_type, data)}
            return {"type": "input_file", **file}
        case _:
            raise BadRequest("This provider cannot take a part of the message.")


class ResponsesTranslation:
    def __init__(self, now_s: float) -> None:
        self._now_s = now_s
        self._calls: dict[str, int] = {}
        self._finished: Finished | None = None
        self._is_refused = False

    def events(self, event: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        kind = event.get("type", "")
        match kind:
            case "response.output_text.delta":
                yield TextDelta(event.get("delta", ""))
            case "response.refusal.delta":
                self._is_refused = True
                yield TextDelta(event.get("delta", ""))
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                yield ThinkingDelta(event.get("delta", ""))
            case "response.output_item.added":
                yield from self._item(event.get("item") or {})
            case "response.function_call_arguments.delta":
                index = self._calls.get(event.get("item_id", ""), 0)
                yield ToolCallDelta(index, arguments=event.get("delta", ""))
            case "response.completed" | "response.incomplete":
                self._end(event.get("response") or {})
            case "response.failed" | "error":
                raise self._failure(event)

    def _item(self, item: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        if item.get("type") == "function_call":
            index = self._calls.setdefault(item.get("id", ""), len(self._calls))
            yield ToolCallDelta(index, item.get("call_id", ""), item.get("name", ""))

    def _end(self, response: Mapping[str, Any]) -> None:
        details = response.get("incomplete_details") or {}
        reason = StopReason.TOOL_CALLS if self._calls else StopReason.END
        if details.get("reason") == "max_output_tokens":
            reason = StopReason.MAX_TOKENS
        elif self._is_refused or details.get("reason") == "content_filter":
            reason = StopReason.REFUSAL
        usage = response.get("usage")
        self._finished = Finished(
            reason,
            usage_of(usage) if isinstance(usage, dict) else None,
            response.get("model", ""),
            response.get("id", ""),
        )

    def _failure(self, event: Mapping[str, Any]) -> ProviderError:
        response = event.get("response") or {}
        error = response.get("error") or event.get("error") or event
        code = str(error.get("code") or error.get("type") or "")
        message = str(error.get("message") or "The provider failed in the middle of the answer.")
        return error_for(STATUS_BY_CODE.get(code, 500), message, {}, now_s=self._now_s, code=code)

    def finished(self) -> Finished | None:
        return self._finished


def usage_of(document: Mapping[str, Any]) -> Usage:
    cached = (document.get("input_tokens_details") or {}).get("cached_tokens") or 0
    reasoning = (document.get("output_tokens_details") or {}).get("reasoning_tokens") or 0
    return Usage(
        input_tokens=max(0, (document.get("input_tokens") or 0) - cached),
        output_tokens=document.get("output_tokens") or 0,
        cached_input_tokens=cached,
        reasoning_tokens=reasoning,
    )
