"""From a neutral request to the body of the Responses API."""

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.openai.chat import (
    CHOICES,
    data_url,
    named_schema,
    require_pdf,
    result_text,
)
from orchestrator.providers.vocabulary import (
    DocumentPart,
    ImagePart,
    Message,
    ModelRequest,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from orchestrator.routing.types import Effort

MIN_OUTPUT_TOKENS = 16


def body(request: ModelRequest, spec: ProviderSpec) -> dict[str, Any]:
    document: dict[str, Any] = {
        "model": request.model_id,
        "input": [item for message in request.messages for item in _items(message, spec)],
        "max_output_tokens": max(MIN_OUTPUT_TOKENS, request.max_output_tokens),
        "stream": True,
        # Otherwise the vendor keeps every conversation for a month.
        "store": False,
    }
    if request.system:
        document["instructions"] = request.system
    if request.effort is not None:
        document["reasoning"] = _reasoning(request.effort, spec)
    if request.temperature is not None and request.effort in (None, Effort.NONE):
        document["temperature"] = request.temperature
    if request.tools:
        document |= _tools(request)
    if request.json_schema is not None:
        named = named_schema(request.json_schema)
        document["text"] = {"format": {"type": "json_schema", **named}}
    return document


def _reasoning(effort: Effort, spec: ProviderSpec) -> dict[str, str]:
    """Summaries are an option because the vendor refuses them to unverified organisations."""
    summary = spec.options.get("reasoning_summary", "")
    if effort is Effort.NONE or not summary:
        return {"effort": effort.value}
    return {"effort": effort.value, "summary": summary}


def _tools(request: ModelRequest) -> dict[str, Any]:
    choice = request.tool_choice
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
        "tool_choice": CHOICES.get(choice.mode, {"type": "function", "name": choice.name}),
    }


def _items(message: Message, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    """Results answer the calls before them, so they come first; calls come after what was said."""
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            output = {"call_id": part.call_id, "output": result_text(part)}
            yield {"type": "function_call_output", **output}
    if content := [*_contents(message, spec)]:
        yield {"role": message.role, "content": content}
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            arguments = json.dumps(dict(part.arguments))
            call = {"call_id": part.id, "name": part.name, "arguments": arguments}
            yield {"type": "function_call", **call}


def _contents(message: Message, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    """Thinking stays out: only the vendor's own sealed items could be sent back."""
    for part in message.parts:
        match part:
            case TextPart(text) if text:
                kind = "output_text" if message.role == "assistant" else "input_text"
                yield {"type": kind, "text": text}
            case ImagePart():
                yield {"type": "input_image", "image_url": data_url(part)}
            case DocumentPart():
                require_pdf(spec)
                file = {"filename": part.name, "file_data": data_url(part)}
                yield {"type": "input_file", **file}
            case _:
                pass
