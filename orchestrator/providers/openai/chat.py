"""From a neutral request to the body of Chat Completions."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadRequest
from orchestrator.providers.openai import details
from orchestrator.providers.vocabulary import (
    DocumentPart,
    ImagePart,
    Message,
    ModelRequest,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from orchestrator.providers.wire.connection import YES
from orchestrator.routing.types import Effort

# Those that want thinking back refuse calls without any, as another model made them.
NO_THINKING = " "
CHOICES = {"auto": "auto", "none": "none", "any": "required"}


def body(request: ModelRequest, spec: ProviderSpec) -> dict[str, Any]:
    options = spec.options
    document: dict[str, Any] = {
        "model": request.model_id,
        "messages": [*_system(request, spec), *_messages(request, spec)],
        "stream": True,
        options.get("max_tokens_field", "max_tokens"): request.max_output_tokens,
    }
    if options.get("include_usage", "true") in YES:
        document["stream_options"] = {"include_usage": True}
    document |= _reasoning(request, options)
    if request.stop:
        document["stop"] = list(request.stop)
    if request.tools:
        document |= _tools(request)
    if request.json_schema is not None:
        schema = {"type": "json_schema", "json_schema": named_schema(request.json_schema)}
        document["response_format"] = schema
    return document


def _reasoning(request: ModelRequest, options: Mapping[str, str]) -> dict[str, Any]:
    thinks = request.effort not in (None, Effort.NONE)
    document: dict[str, Any] = {}
    # Models that do not think refuse the field, even with its lowest value.
    if request.effort is not None and (thinks or options.get("effort_none") in YES):
        document["reasoning_effort"] = request.effort.value
    if request.temperature is not None and not thinks:
        document["temperature"] = request.temperature
    return document


def named_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": "answer", "schema": dict(schema), "strict": keeps_strict_rules(schema)}


def keeps_strict_rules(schema: Any) -> bool:
    """Strict mode refuses schemas with optional or further properties, so it is asked for less."""
    if isinstance(schema, list | tuple):
        return all(keeps_strict_rules(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        is_closed = schema.get("additionalProperties") is False
        if not is_closed or set(properties or ()) != set(schema.get("required") or ()):
            return False
    return all(keeps_strict_rules(value) for value in schema.values())


def _tools(request: ModelRequest) -> dict[str, Any]:
    choice = request.tool_choice
    named = {"type": "function", "function": {"name": choice.name}}
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
        "tool_choice": CHOICES.get(choice.mode, named),
    }


def _system(request: ModelRequest, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    if request.system:
        yield {"role": spec.options.get("system_role", "system"), "content": request.system}


def _messages(request: ModelRequest, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    for message in request.messages:
        if message.role == "assistant":
            yield from _assistant(message, spec)
        else:
            yield from _user(message, spec)


def _assistant(message: Message, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
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
    document |= _own_thinking(message, spec, has_calls=bool(calls))
    if message.text or calls:
        yield document


def _own_thinking(message: Message, spec: ProviderSpec, *, has_calls: bool) -> dict[str, Any]:
    """Few servers want their thinking back, and most refuse the field."""
    form = spec.options.get("thinking_back", "")
    parts = [part for part in message.parts if isinstance(part, ThinkingPart)]
    own = [part for part in parts if part.provider == spec.name]
    if form == "details":
        found = details.opened(own)
        return {"reasoning_details": found} if found else {}
    if form not in YES:
        return {}
    thinking = "".join(part.text for part in own) or NO_THINKING * has_calls
    return {"reasoning_content": thinking} if thinking else {}


def _user(message: Message, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    """Tool results first, as messages of their own, because they must follow their calls."""
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            yield {"role": "tool", "tool_call_id": part.call_id, "content": result_text(part)}
    if not any(isinstance(part, ImagePart | DocumentPart) for part in message.parts):
        if message.text:
            yield {"role": "user", "content": message.text}
        return
    yield {"role": "user", "content": [*_contents(message, spec)]}


def _contents(message: Message, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        match part:
            case TextPart(text) if text:
                yield {"type": "text", "text": text}
            case ImagePart():
                yield {"type": "image_url", "image_url": {"url": data_url(part)}}
            case DocumentPart():
                require_pdf(spec)
                file = {"filename": part.name, "file_data": data_url(part)}
                yield {"type": "file", "file": file}
            case _:
                pass


def require_pdf(spec: ProviderSpec) -> None:
    if spec.options.get("pdf") not in YES:
        raise BadRequest(f"{spec.name} takes no PDF files. Paste their text instead.")


def result_text(part: ToolResultPart) -> str:
    return f"Error: {part.content}" if part.is_error else part.content


def data_url(part: ImagePart | DocumentPart) -> str:
    return f"data:{part.media_type};base64,{base64.b64encode(part.data).decode()}"
