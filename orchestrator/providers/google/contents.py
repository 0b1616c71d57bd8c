"""From a neutral request to contents and configuration of the Gemini API; no SDK."""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.providers.vocabulary import (
    DocumentPart,
    ImagePart,
    ModelRequest,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from orchestrator.routing.types import Effort

LEVELS: Mapping[Effort, str] = {
    Effort.MINIMAL: "MINIMAL",
    Effort.LOW: "LOW",
    Effort.MEDIUM: "MEDIUM",
    Effort.HIGH: "HIGH",
    Effort.XHIGH: "XHIGH",
    Effort.MAX: "XHIGH",
}
# What the vendor documents for calls that another model made, which have no signature.
FOREIGN_SIGNATURE = b"skip_thought_signature_validator"
Piece = dict[str, Any]


def contents(request: ModelRequest, provider: str) -> list[dict[str, Any]]:
    """`provider` is the name whose own thinking may be sent back; all other thinking is dropped."""
    merged: list[dict[str, Any]] = []
    for message in request.messages:
        pieces = [piece for part in message.parts if (piece := _piece(part, provider))]
        role = "model" if message.role == "assistant" else "user"
        if not pieces:
            continue
        if merged and merged[-1]["role"] == role:
            merged[-1]["parts"].extend(pieces)
        else:
            merged.append({"role": role, "parts": pieces})
    for document in merged:
        document["parts"].sort(key=lambda piece: "function_response" not in piece)
    if _checks_signatures(request.model_id):
        _sign_foreign_calls(merged)
    return merged


def _piece(part: Part, provider: str) -> Piece | None:
    match part:
        case TextPart(text):
            return {"text": text} if text else None
        case ImagePart(media_type, data) | DocumentPart(media_type, data):
            return {"inline_data": {"mime_type": media_type, "data": data}}
        case ThinkingPart():
            if part.provider != provider or not part.signature:
                return None
            return {"text": "", "thought_signature": b64decode(part.signature)}
        case ToolCallPart():
            return _call(part)
        case ToolResultPart(call_id, name, content, is_error):
            response = {"error" if is_error else "output": content}
            return {"function_response": {"id": call_id, "name": name, "response": response}}


def _call(part: ToolCallPart) -> Piece:
    call = {"id": part.id, "name": part.name, "args": dict(part.arguments)}
    if not part.signature:
        return {"function_call": call}
    return {"function_call": call, "thought_signature": b64decode(part.signature)}


def _checks_signatures(model_id: str) -> bool:
    found = re.search(r"gemini-(\d+)", model_id)
    return found is not None and int(found[1]) >= 3


def _sign_foreign_calls(documents: Sequence[Mapping[str, Any]]) -> None:
    """Only the first of parallel calls carries a signature, so only a first one can lack it."""
    for document in documents:
        calls = [piece for piece in document["parts"] if "function_call" in piece]
        if calls and not any("thought_signature" in piece for piece in calls):
            calls[0]["thought_signature"] = FOREIGN_SIGNATURE


def configuration(request: ModelRequest) -> dict[str, Any]:
    config: dict[str, Any] = {
        "system_instruction": request.system or None,
        "max_output_tokens": request.max_output_tokens,
        "temperature": request.temperature,
        "stop_sequences": list(request.stop) or None,
        "thinking_config": _thinking(request),
        "tools": _tools(request),
        "tool_config": _tool_config(request),
    }
    if request.json_schema is not None:
        config["response_mime_type"] = "application/json"
        config["response_json_schema"] = dict(request.json_schema)
    known = {name: value for name, value in config.items() if value is not None}
    # Off: both make the SDK send further requests that nobody planned or counted.
    return {
        **known,
        "automatic_function_calling": {"disable": True},
        "automatic_continuation": False,
    }


def _thinking(request: ModelRequest) -> dict[str, Any] | None:
    if request.budget_tokens is not None:
        shows = request.budget_tokens != 0
        return {"thinking_budget": request.budget_tokens, "include_thoughts": shows}
    if request.effort is Effort.NONE:
        return {"thinking_budget": 0, "include_thoughts": False}
    if request.effort is not None:
        return {"thinking_level": LEVELS[request.effort], "include_thoughts": True}
    return None


def _tools(request: ModelRequest) -> list[dict[str, Any]] | None:
    if not request.tools:
        return None
    declarations = [
        {
            "name": tool.name,
            "description": tool.description,
            "parameters_json_schema": dict(tool.schema),
        }
        for tool in request.tools
    ]
    return [{"function_declarations": declarations}]


def _tool_config(request: ModelRequest) -> dict[str, Any] | None:
    choice = request.tool_choice
    if not request.tools or choice.mode == "auto":
        return None
    calling: dict[str, Any] = {"mode": "NONE" if choice.mode == "none" else "ANY"}
    if choice.mode == "tool":
        calling["allowed_function_names"] = [choice.name]
    return {"function_calling_config": calling}
