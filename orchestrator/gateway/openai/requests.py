"""Chat Completions as a client sends them, read into what the engine drives."""

import json
from dataclasses import replace
from typing import Any

from orchestrator.gateway import calls, conversation, ordering
from orchestrator.gateway.conversation import (
    MAX_MESSAGES,
    MAX_PARTS,
    MAX_STOPS,
    MAX_TOOLS,
    Conversation,
)
from orchestrator.gateway.driving import Asked
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.ordering import MAX_TOKENS
from orchestrator.providers.vocabulary import Part, ToolCallPart, ToolChoice, ToolSpec
from orchestrator.services.driving.requests import TripRequest
from orchestrator.services.people.identity import Caller

ROLES = ("system", "developer", "user", "assistant", "tool")
FORMATS = ("text", "json_object", "json_schema")
CHOICES = {"auto": "auto", "none": "none", "required": "any"}
# Asking for these and getting an answer without them would be a wrong answer.
UNSUPPORTED = {
    "logprobs": "Token probabilities are not given.",
    "top_logprobs": "Token probabilities are not given.",
    "logit_bias": "Tokens cannot be weighted.",
    "functions": "Use tools instead of functions.",
    "function_call": "Use tool_choice instead of function_call.",
    "audio": "Answers are texts.",
    "web_search_options": "There is no web search here.",
}


def read(caller: Caller, body: Fields, key: str, cap: str) -> Asked:
    model = body.needed("model")
    _check_supported(body)
    wished = replace(
        ordering.wishes(caller, model, body, cap),
        throttle=_throttle(body),
        max_output_tokens=body.integer("max_completion_tokens", 1, MAX_TOKENS)
        or body.integer("max_tokens", 1, MAX_TOKENS),
    )
    request = wished.request(_bare(body))
    order = ordering.order(caller, wished, request)
    usage = body.inner("stream_options").flag("include_usage")
    return Asked(model, request, order, body.flag("stream"), usage, key)


def _check_supported(body: Fields) -> None:
    if body.raw("n") not in (None, 1):
        raise Refused("unsupported", "n is 1: one answer for each request.", param="n")
    for name, why in UNSUPPORTED.items():
        if body.raw(name):
            raise Refused("unsupported", f"{name} is not supported. {why}", param=name)
    if set(body.texts("modalities", 4)) - {"text"}:
        raise Refused("unsupported", "Answers are texts.", param="modalities")


def _throttle(body: Fields) -> int | None:
    effort = body.word("reasoning_effort", tuple(ordering.EFFORTS))
    reasoning = body.inner("reasoning")
    effort = effort or reasoning.word("effort", tuple(ordering.EFFORTS))
    if effort:
        return ordering.EFFORTS[effort]
    budget = reasoning.integer("max_tokens", 0, MAX_TOKENS)
    return None if budget is None else ordering.throttle_for(budget)


def _bare(body: Fields) -> TripRequest:
    said = Conversation()
    for message in body.entries("messages", MAX_MESSAGES):
        _add(said, message)
    return TripRequest(
        messages=tuple(said.messages),
        system=conversation.joined(said.system),
        tools=_tools(body),
        tool_choice=_tool_choice(body),
        json_schema=_schema(body),
        temperature=body.number("temperature", 0, 2),
        stop=tuple(filter(None, body.texts("stop", MAX_STOPS))),
        tool_gear=said.tool_gear,
    )


def _add(said: Conversation, message: Fields) -> None:
    match message.word("role", ROLES):
        case "system" | "developer":
            said.system.append(_text(message))
        case "user":
            said.user(_parts(message))
        case "assistant":
            said.assistant([*conversation.text_part(_text(message)), *_calls(message)])
        case "tool":
            said.user([said.result(message.needed("tool_call_id"), _text(message))])
        case _:
            raise message.wrong("role", "is missing")


def _text(message: Fields) -> str:
    content = message.raw("content")
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part.text("text") for part in message.entries("content", MAX_PARTS))


def _parts(message: Fields) -> list[Part]:
    if isinstance(message.raw("content"), str):
        return conversation.text_part(message.text("content"))
    return [part for each in message.entries("content", MAX_PARTS) for part in _part(each)]


def _part(part: Fields) -> list[Part]:
    match part.text("type"):
        case "text":
            return conversation.text_part(part.text("text"))
        case "image_url":
            image = part.inner("image_url")
            return conversation.from_data_url(image.needed("url"), image.name("url"))
        case "file":
            file = part.inner("file")
            data, at = file.needed("file_data"), file.name("file_data")
            return conversation.from_data_url(data, at, file.text("filename") or "file")
        case kind:
            raise Refused("unsupported", f"{part.at}: {kind!r} is not taken.", param=part.at)


def _calls(message: Fields) -> list[ToolCallPart]:
    return [_call(each) for each in message.entries("tool_calls", MAX_TOOLS)]


def _call(call: Fields) -> ToolCallPart:
    function = call.inner("function")
    try:
        arguments = json.loads(function.text("arguments") or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        raise function.wrong("arguments", "is the text of a JSON object")
    google = call.inner("extra_content").inner("google")
    call_id, _ = calls.read_id(call.needed("id"))
    signature = google.text("thought_signature")
    return ToolCallPart(call_id, function.needed("name"), arguments, signature)


def _tools(body: Fields) -> tuple[ToolSpec, ...]:
    found = []
    for tool in body.entries("tools", MAX_TOOLS):
        if (kind := tool.text("type", "function")) != "function":
            raise Refused("unsupported", f"{tool.at}: a tool of type {kind!r} is not taken.")
        function = tool.inner("function")
        schema = function.inner("parameters").document or {"type": "object", "properties": {}}
        found.append(ToolSpec(function.needed("name"), function.text("description"), schema))
    return tuple(found)


def _tool_choice(body: Fields) -> ToolChoice:
    choice = body.raw("tool_choice")
    if isinstance(choice, dict):
        name = body.inner("tool_choice").inner("function").needed("name")
        return ToolChoice("tool", name)
    word: Any = CHOICES[body.word("tool_choice", tuple(CHOICES)) or "auto"]
    return ToolChoice(word)


def _schema(body: Fields) -> dict[str, Any] | None:
    wanted = body.inner("response_format")
    match wanted.word("type", FORMATS):
        case "json_object":
            return {"type": "object"}
        case "json_schema":
            return dict(wanted.inner("json_schema").inner("schema").document)
    return None
