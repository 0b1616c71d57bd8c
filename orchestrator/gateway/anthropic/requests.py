"""Anthropic's Messages as a client sends them, read into what the engine drives."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

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
from orchestrator.providers.vocabulary import (
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolChoice,
    ToolSpec,
)
from orchestrator.services.driving.requests import TripRequest
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet

ROLES = ("user", "assistant", "system")
CHOICES: Mapping[str, Literal["auto", "any", "tool", "none"]] = {
    "auto": "auto", "any": "any", "tool": "tool", "none": "none",
}  # fmt: skip
THINKING = ("enabled", "disabled", "adaptive")
# Claude Code puts a block before its instructions that changes with every request.
ROTATING = "x-anthropic-billing-header"


def read(caller: Caller, body: Fields, key: str, cap: str) -> Asked:
    model = body.needed("model")
    most = body.integer("max_tokens", 1, MAX_TOKENS)
    if most is None:
        raise body.wrong("max_tokens", "is missing")
    wished = replace(
        ordering.wishes(caller, model, body, cap),
        throttle=_throttle(body),
        max_output_tokens=most,
    )
    request = wished.request(bare(body))
    order = ordering.order(caller, wished, request)
    return Asked(model, request, order, body.flag("stream"), key=key)


def bare(body: Fields) -> TripRequest:
    said = Conversation(system=_system(body))
    providers = {gear.name: gear.provider for gear in fleet.snapshot().gears}
    for message in body.entries("messages", MAX_MESSAGES):
        _add(said, message, providers)
    return TripRequest(
        messages=tuple(said.messages),
        system=conversation.joined(said.system),
        tools=_tools(body),
        tool_choice=_tool_choice(body),
        json_schema=_schema(body),
        temperature=body.number("temperature", 0, 1),
        stop=tuple(filter(None, body.texts("stop_sequences", MAX_STOPS))),
        tool_gear=said.tool_gear,
    )


def _system(body: Fields) -> list[str]:
    if isinstance(body.raw("system"), str):
        return [body.text("system")]
    blocks = [block.text("text") for block in body.entries("system", MAX_PARTS)]
    return [text for text in blocks if not text.startswith(ROTATING)]


def _throttle(body: Fields) -> int | None:
    effort = body.inner("output_config").word("effort", tuple(ordering.EFFORTS))
    if effort:
        return ordering.EFFORTS[effort]
    thinking = body.inner("thinking")
    match thinking.word("type", THINKING):
        case "disabled":
            return 0
        case "enabled":
            budget = thinking.integer("budget_tokens", 0, MAX_TOKENS)
            return None if budget is None else ordering.throttle_for(budget)
    return None


def _schema(body: Fields) -> dict[str, Any] | None:
    for wanted in (body.inner("output_config").inner("format"), body.inner("output_format")):
        if wanted.word("type", ("json_schema",)):
            return dict(wanted.inner("schema").document)
    return None


def _add(said: Conversation, message: Fields, providers: Mapping[str, str]) -> None:
    role = message.word("role", ROLES)
    if not role:
        raise message.wrong("role", "is missing")
    if isinstance(message.raw("content"), str):
        parts = conversation.text_part(message.text("content"))
    else:
        blocks = message.entries("content", MAX_PARTS)
        parts = [part for block in blocks for part in _part(said, block, providers)]
    if role == "system":
        said.system += [part.text for part in parts if isinstance(part, TextPart)]
    elif role == "user":
        said.user(parts)
    else:
        said.assistant(parts)


def _part(said: Conversation, block: Fields, providers: Mapping[str, str]) -> list[Part]:
    match block.text("type"):
        case "text":
            return conversation.text_part(block.text("text"))
        case "image" | "document":
            return _file(block)
        case "tool_use":
            call_id, _ = calls.read_id(block.needed("id"))
            return [ToolCallPart(call_id, block.needed("name"), block.inner("input").document)]
        case "tool_result":
            return _result(said, block)
        case "thinking" | "redacted_thinking":
            return _thinking(block, providers)
        case kind:
            raise Refused("unsupported", f"{block.at}: {kind!r} is not taken.", param=block.at)


def _file(block: Fields) -> list[Part]:
    source = block.inner("source")
    match source.text("type"):
        case "base64":
            name = block.text("title") or "file"
            return conversation.file_parts(source.needed("data"), source.name("data"), name)
        case "text":
            return conversation.text_part(source.text("data"))
        case "content":
            return [part for each in source.entries("content", MAX_PARTS) for part in _plain(each)]
        case _:
            why = f"{source.at}: {conversation.NO_ADDRESSES}"
            raise Refused("invalid_request", why, param=source.at)


def _result(said: Conversation, block: Fields) -> list[Part]:
    """Pictures of a result stand behind it, since only texts are results everywhere."""
    if isinstance(block.raw("content"), str):
        parts = conversation.text_part(block.text("content"))
    else:
        parts = [part for each in block.entries("content", MAX_PARTS) for part in _plain(each)]
    text = "\n".join(part.text for part in parts if isinstance(part, TextPart))
    files = [part for part in parts if not isinstance(part, TextPart)]
    is_error = block.flag("is_error")
    return [said.result(block.needed("tool_use_id"), text, is_error=is_error), *files]


def _plain(block: Fields) -> list[Part]:
    match block.text("type"):
        case "text":
            return conversation.text_part(block.text("text"))
        case "image" | "document":
            return _file(block)
        case kind:
            raise Refused("unsupported", f"{block.at}: {kind!r} is not taken.", param=block.at)


def _thinking(block: Fields, providers: Mapping[str, str]) -> list[Part]:
    """It goes back to the provider that made it, and to no other."""
    told = block.text("signature") or block.text("data")
    signature, gear = calls.read_signature(told)
    if not signature or gear not in providers:
        return []
    return [ThinkingPart(block.text("thinking"), signature, providers[gear])]


def _tools(body: Fields) -> tuple[ToolSpec, ...]:
    found = []
    for tool in body.entries("tools", MAX_TOOLS):
        if (kind := tool.text("type", "custom")) != "custom":
            raise Refused("unsupported", f"{tool.at}: a tool of type {kind!r} is not taken.")
        schema = tool.inner("input_schema").document or {"type": "object", "properties": {}}
        found.append(ToolSpec(tool.needed("name"), tool.text("description"), schema))
    return tuple(found)


def _tool_choice(body: Fields) -> ToolChoice:
    choice = body.inner("tool_choice")
    mode = CHOICES[choice.word("type", tuple(CHOICES)) or "auto"]
    return ToolChoice(mode, choice.needed("name") if mode == "tool" else "")
