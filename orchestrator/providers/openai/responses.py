"""From a neutral request to the body of the Responses API."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
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
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from orchestrator.routing.types import Effort

MIN_OUTPUT_TOKENS = 16
SEALED_THINKING = "reasoning.encrypted_content"
# Between the id of a sealed item and its content, in what we keep as its signature.
SEAL = ":"


def body(request: ModelRequest, spec: ProviderSpec) -> dict[str, Any]:
    # Models that do not think refuse sealed thinking, asked for or sent.
    thinks = request.effort is not None
    items = [
        _items(message.role, _kept(message, spec, thinks=thinks), spec)
        for message in request.messages
    ]
    document: dict[str, Any] = {
        "model": request.model_id,
        "input": [item for each in items for item in each],
        "max_output_tokens": max(MIN_OUTPUT_TOKENS, request.max_output_tokens),
        "stream": True,
        # Otherwise the vendor keeps every conversation for a month.
        "store": False,
    }
    if request.system:
        document["instructions"] = request.system
    if request.effort is not None:
        document["reasoning"] = _reasoning(request.effort, spec)
        document["include"] = [SEALED_THINKING]
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


def _kept(message: Message, spec: ProviderSpec, *, thinks: bool) -> Sequence[Part]:
    """The parts without thinking that cannot be sent back: foreign, unsealed, or led nowhere."""
    parts = [part for part in message.parts if _may_go(part, spec, thinks=thinks)]
    while parts and isinstance(parts[-1], ThinkingPart):
        parts.pop()
    return parts


def _may_go(part: Part, spec: ProviderSpec, *, thinks: bool) -> bool:
    if not isinstance(part, ThinkingPart):
        return True
    return thinks and part.provider == spec.name and SEAL in part.signature


def _items(role: str, parts: Sequence[Part], spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    """Sealed thinking stands before what it led to, as it came."""
    for is_thinking, group in groupby(parts, lambda part: isinstance(part, ThinkingPart)):
        if is_thinking:
            yield from (_sealed(part) for part in group if isinstance(part, ThinkingPart))
        else:
            yield from _said(role, [*group], spec)


def _sealed(part: ThinkingPart) -> dict[str, Any]:
    item_id, _, content = part.signature.partition(SEAL)
    summary = [{"type": "summary_text", "text": part.text}] if part.text else []
    return {"type": "reasoning", "id": item_id, "summary": summary, "encrypted_content": content}


def _said(role: str, parts: Sequence[Part], spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    """Results answer the calls before them, so they come first; calls come after what was said."""
    for part in parts:
        if isinstance(part, ToolResultPart):
            output = {"call_id": part.call_id, "output": result_text(part)}
            yield {"type": "function_call_output", **output}
    if content := [*_contents(role, parts, spec)]:
        yield {"role": role, "content": content}
    for part in parts:
        if isinstance(part, ToolCallPart):
            arguments = json.dumps(dict(part.arguments))
            call = {"call_id": part.id, "name": part.name, "arguments": arguments}
            yield {"type": "function_call", **call}


def _contents(role: str, parts: Sequence[Part], spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    for part in parts:
        match part:
            case TextPart(text) if text:
                kind = "output_text" if role == "assistant" else "input_text"
                yield {"type": kind, "text": text}
            case ImagePart():
                yield {"type": "input_image", "image_url": data_url(part)}
            case DocumentPart():
                require_pdf(spec)
                file = {"filename": part.name, "file_data": data_url(part)}
                yield {"type": "input_file", **file}
            case _:
                pass
