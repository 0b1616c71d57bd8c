"""From a neutral request to the body of Anthropic's Messages API; plain documents, no SDK."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

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
    ToolSpec,
)
from orchestrator.routing.types import Effort

MIN_BUDGET_TOKENS = 1024
# Shorter beginnings than about 1,024 tokens are not stored by the vendor.
MIN_CACHED_CHARS = 4_096
MIN_CACHED_MESSAGES = 3
REDACTED = "redacted:"
EFFORTS: Mapping[Effort, str] = {
    Effort.MINIMAL: "low",
    Effort.LOW: "low",
    Effort.MEDIUM: "medium",
    Effort.HIGH: "high",
    Effort.XHIGH: "xhigh",
    Effort.MAX: "max",
}
Block = dict[str, Any]
# Others take up to 2, and a caller does not know who will be asked.
MAX_TEMPERATURE = 1.0


def body(request: ModelRequest, provider: str) -> dict[str, Any]:
    """`provider` is the name whose own thinking may be sent back; all other thinking is dropped."""
    messages = _messages(request.messages, provider)
    if messages and messages[-1]["role"] == "user" and _is_worth_caching(request):
        # The vendor finds the longest stored beginning by itself; this stores up to here.
        messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
    thinking = _thinking(request, messages)
    document: dict[str, Any] = {
        "model": request.model_id,
        "max_tokens": request.max_output_tokens,
        "messages": messages,
        "system": request.system,
        "stop_sequences": list(request.stop),
        "tools": [_tool(tool) for tool in request.tools],
        "tool_choice": _tool_choice(request),
        "thinking": thinking,
        "output_config": _output_config(request),
    }
    document = {name: value for name, value in document.items() if value}
    if request.temperature is not None and thinking.get("type") not in ("enabled", "adaptive"):
        document["temperature"] = min(request.temperature, MAX_TEMPERATURE)
    return document


def _is_worth_caching(request: ModelRequest) -> bool:
    """Storing costs a quarter more and reading a tenth: it pays once a talk goes on."""
    chars = len(request.system) + sum(len(message.text) for message in request.messages)
    is_going_on = len(request.messages) >= MIN_CACHED_MESSAGES
    return is_going_on and chars >= MIN_CACHED_CHARS


def _messages(messages: Sequence[Message], provider: str) -> list[dict[str, Any]]:
    merged: list[dict[str, Any]] = []
    for message in messages:
        blocks = [block for part in message.parts if (block := _block(part, provider))]
        if not blocks:
            continue
        if merged and merged[-1]["role"] == message.role:
            merged[-1]["content"].extend(blocks)
        else:
            merged.append({"role": message.role, "content": blocks})
    for document in merged:
        # The API refuses a user turn where anything stands before the tool results.
        document["content"].sort(key=lambda block: block["type"] != "tool_result")
    return merged


def _block(part: Part, provider: str) -> Block | None:
    match part:
        case TextPart(text):
            return {"type": "text", "text": text} if text.strip() else None
        case ImagePart(media_type, data):
            return {"type": "image", "source": _base64(media_type, data)}
        case DocumentPart(media_type, data, name):
            return {"type": "document", "source": _base64(media_type, data), "title": name}
        case ThinkingPart():
            return _thinking_block(part, provider)
        case ToolCallPart(call_id, name, arguments):
            arguments = dict(arguments)
            return {"type": "tool_use", "id": _call_id(call_id), "name": name, "input": arguments}
        case ToolResultPart():
            return _tool_result(part)


def _base64(media_type: str, data: bytes) -> Block:
    return {"type": "base64", "media_type": media_type, "data": b64encode(data).decode("ascii")}


def _thinking_block(part: ThinkingPart, provider: str) -> Block | None:
    if part.provider != provider or not part.signature:
        return None
    if part.signature.startswith(REDACTED):
        return {"type": "redacted_thinking", "data": part.signature.removeprefix(REDACTED)}
    return {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _tool_result(part: ToolResultPart) -> Block:
    block: Block = {
        "type": "tool_result",
        "tool_use_id": _call_id(part.call_id),
        "content": part.content,
    }
    if part.is_error:
        block["is_error"] = True
    return block


def _call_id(call_id: str) -> str:
    """Ids of other vendors may hold characters that this API refuses."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", call_id)


def _tool(tool: ToolSpec) -> dict[str, Any]:
    document: dict[str, Any] = {"name": tool.name, "input_schema": dict(tool.schema)}
    if tool.description:
        document["description"] = tool.description
    return document


def _tool_choice(request: ModelRequest) -> dict[str, Any]:
    choice = request.tool_choice
    if not request.tools or choice.mode == "auto":
        return {}
    if choice.mode == "tool":
        return {"type": "tool", "name": choice.name}
    return {"type": choice.mode}


def _thinking(request: ModelRequest, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    # The API refuses thinking together with a forced tool; the caller's choice of tool wins.
    if request.tools and request.tool_choice.mode in ("any", "tool"):
        return {}
    if request.budget_tokens is not None:
        return _budget(request, messages)
    if request.effort is Effort.NONE:
        return {"type": "disabled"}
    if request.effort is not None:
        # Newer models leave the text of their thinking out unless asked for it.
        return {"type": "adaptive", "display": "summarized"}
    return {}


def _budget(request: ModelRequest, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not request.budget_tokens:
        return {"type": "disabled"}
    budget = min(max(request.budget_tokens, MIN_BUDGET_TOKENS), request.max_output_tokens - 1)
    if budget < MIN_BUDGET_TOKENS or _continues_without_thinking(messages):
        return {}
    return {"type": "enabled", "budget_tokens": budget}


def _continues_without_thinking(messages: Sequence[Mapping[str, Any]]) -> bool:
    """With a budget, the API refuses an open tool turn whose thinking was not kept."""
    if len(messages) < 2:
        return False
    if not any(block["type"] == "tool_result" for block in messages[-1]["content"]):
        return False
    return not any("thinking" in block["type"] for block in messages[-2]["content"])


def _output_config(request: ModelRequest) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.effort is not None and request.effort in EFFORTS:
        config["effort"] = EFFORTS[request.effort]
    if request.json_schema is not None:
        config["format"] = {"type": "json_schema", "schema": closed(request.json_schema)}
    return config


def closed(schema: Any) -> Any:
    """`schema` with every object closed to unknown properties, which the API insists on."""
    if isinstance(schema, list | tuple):
        return [closed(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    document = {name: closed(value) for name, value in schema.items()}
    kind = document.get("type")
    if kind == "object" or (isinstance(kind, list) and "object" in kind):
        document.setdefault("additionalProperties", False)
    return document
