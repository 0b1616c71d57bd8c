"""Ollama's chat format: a neutral request as its body, its lines as neutral events."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadRequest
from orchestrator.providers.ollama.window import window_for
from orchestrator.providers.vocabulary import (
    DocumentPart,
    Finished,
    ImagePart,
    Message,
    ModelRequest,
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from orchestrator.providers.wire.fields import Document, count, document, documents, text
from orchestrator.routing.types import Effort

# These models take a level, ignore on and off, and never stop thinking.
LEVELLED = "gpt-oss"
LEVELS = {
    Effort.NONE: "low",
    Effort.MINIMAL: "low",
    Effort.LOW: "low",
    Effort.MEDIUM: "medium",
    Effort.HIGH: "high",
    Effort.XHIGH: "high",
    Effort.MAX: "high",
}
STOP_REASONS = {"stop": StopReason.END, "length": StopReason.MAX_TOKENS}


def body(request: ModelRequest, spec: ProviderSpec) -> dict[str, Any]:
    content: dict[str, Any] = {
        "model": request.model_id,
        "messages": [*_system(request), *_messages(request, spec)],
        "stream": True,
        "options": _options(request),
    }
    if request.effort is not None:
        content["think"] = _think(request.effort, request.model_id, spec)
    if tools := [_tool(tool) for tool in request.tools if _is_offered(tool, request)]:
        content["tools"] = tools
    if request.json_schema is not None:
        content["format"] = dict(request.json_schema)
    content["options"]["num_ctx"] = window_for(content, request, spec)
    return content


def _options(request: ModelRequest) -> dict[str, Any]:
    options: dict[str, Any] = {"num_predict": request.max_output_tokens}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if request.stop:
        options["stop"] = list(request.stop)
    return options


def _think(effort: Effort, model_id: str, spec: ProviderSpec) -> bool | str:
    is_levelled = LEVELLED in model_id
    if effort is Effort.NONE and not is_levelled:
        return False
    return LEVELS[effort] if is_levelled or spec.options.get("think") == "levels" else True


def _is_offered(tool: ToolSpec, request: ModelRequest) -> bool:
    """Ollama cannot be made to call a tool; it can only be shown fewer of them."""
    choice = request.tool_choice
    return choice.mode in ("auto", "any") or (choice.mode == "tool" and tool.name == choice.name)


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.schema),
    }
    return {"type": "function", "function": function}


def _system(request: ModelRequest) -> Iterator[dict[str, Any]]:
    if request.system:
        yield {"role": "system", "content": request.system}


def _messages(request: ModelRequest, spec: ProviderSpec) -> Iterator[dict[str, Any]]:
    """Tool results first, as messages of their own, because they must follow their calls."""
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, DocumentPart):
                raise BadRequest(f"{spec.name} takes no PDF files. Paste their text instead.")
            if isinstance(part, ToolResultPart):
                yield {"role": "tool", "tool_name": part.name, "content": _result(part)}
        said = _message(message, spec)
        if len(said) > 2 or said["content"]:
            yield said


def _result(part: ToolResultPart) -> str:
    return f"Error: {part.content}" if part.is_error else part.content


def _message(message: Message, spec: ProviderSpec) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    images = [part.data for part in message.parts if isinstance(part, ImagePart)]
    if images:
        said["images"] = [base64.b64encode(image).decode() for image in images]
    thinking = [part for part in message.parts if isinstance(part, ThinkingPart)]
    if own := "".join(part.text for part in thinking if part.provider == spec.name):
        said["thinking"] = own
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    if calls:
        said["tool_calls"] = [
            {"function": {"name": call.name, "arguments": dict(call.arguments)}} for call in calls
        ]
    return said


class ChatTranslation:
    """One answer on its way. There is no `Finished` when the host did not say that it is done."""

    def __init__(self) -> None:
        self.is_over = False
        self._calls = 0

    def events(self, line: Document) -> Iterator[ProviderEvent]:
        message = document(line.get("message"))
        if thinking := text(message.get("thinking")):
            yield ThinkingDelta(thinking)
        if content := text(message.get("content")):
            yield TextDelta(content)
        for call in documents(message.get("tool_calls")):
            yield self._call(call)
        if line.get("done") is True:
            self.is_over = True
            yield self._finished(line)

    def _call(self, call: Document) -> ToolCallDelta:
        """Calls come whole. Older hosts give them no id, so they get one that is used once."""
        function = document(call.get("function"))
        index = self._calls
        self._calls += 1
        return ToolCallDelta(
            index,
            text(call.get("id")) or f"call_{uuid4().hex}",
            text(function.get("name")),
            json.dumps(document(function.get("arguments"))),
        )

    def _finished(self, line: Document) -> Finished:
        reason = STOP_REASONS.get(text(line.get("done_reason")), StopReason.END)
        if self._calls and reason is StopReason.END:
            reason = StopReason.TOOL_CALLS
        return Finished(reason, usage_of(line), text(line.get("model")))


def usage_of(line: Document) -> Usage | None:
    """Counts of zero are left out, and all of them by some models that run elsewhere."""
    if "prompt_eval_count" not in line and "eval_count" not in line:
        return None
    return Usage(count(line.get("prompt_eval_count")), count(line.get("eval_count")))
