"""Composes the demo's whole answer; the same request always gives the same one."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.providers.demo import schemas, text
from orchestrator.providers.demo.commands import Command, Name
from orchestrator.providers.errors import BadRequest
from orchestrator.providers.vocabulary import (
    DocumentPart,
    Finished,
    ImagePart,
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
    ToolSpec,
    Usage,
)
from orchestrator.routing.types import Effort

CHARS_A_TOKEN = 4
FILE_TOKENS = 1000
PIECE = re.compile(r"\S{1,16}\s*|\s+")
MAX_QUOTE_CHARS = 200
THINKING_TOKENS = {
    Effort.NONE: 0,
    Effort.MINIMAL: 12,
    Effort.LOW: 40,
    Effort.MEDIUM: 100,
    Effort.HIGH: 220,
    Effort.XHIGH: 400,
    Effort.MAX: 700,
}


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    thinking: str
    calls: tuple[ToolCallPart, ...]
    finished: Finished


def tokens(text: str) -> int:
    return -(-len(text) // CHARS_A_TOKEN)


def last_user_text(request: ModelRequest) -> str:
    users = [message.text for message in request.messages if message.role == "user"]
    return users[-1] if users else ""


def compose(request: ModelRequest, command: Command, level: int) -> Answer:
    seed = _seed(request)
    room = max(1, request.max_output_tokens)
    thinking = _thinking(request, room)
    calls = _calls(request, command.rest, seed)
    whole = "" if calls else _text(request, command, level, seed)
    reasoning = tokens(thinking)
    text, stop_reason = _limited(whole, request.stop, room - reasoning)
    spent = tokens(text) + sum(tokens(call.name + json.dumps(call.arguments)) for call in calls)
    usage = Usage(input_tokens(request), reasoning + spent, reasoning_tokens=reasoning)
    reason = StopReason.TOOL_CALLS if calls else stop_reason
    finished = Finished(reason, usage, request.model_id, f"demo_{seed:016x}")
    return Answer(text, thinking, calls, finished)


def events(answer: Answer) -> Iterator[ProviderEvent]:
    """The answer in the small steps a vendor's stream has."""
    for piece in PIECE.findall(answer.thinking):
        yield ThinkingDelta(piece)
    if answer.thinking:
        yield ThinkingDelta("", signature=f"demo:{answer.finished.request_id}")
    for piece in PIECE.findall(answer.text):
        yield TextDelta(piece)
    for index, call in enumerate(answer.calls):
        yield ToolCallDelta(index, call.id, call.name)
        for piece in PIECE.findall(json.dumps(dict(call.arguments), ensure_ascii=False)):
            yield ToolCallDelta(index, arguments=piece)
    yield answer.finished


def input_tokens(request: ModelRequest) -> int:
    texts = [request.system, *(f"{tool.name}{tool.description}" for tool in request.tools)]
    texts += [json.dumps(dict(tool.schema)) for tool in request.tools]
    texts.append(json.dumps(request.json_schema) if request.json_schema else "")
    parts = [part for message in request.messages for part in message.parts]
    return sum(tokens(text) for text in texts) + sum(_part_tokens(part) for part in parts)


def _part_tokens(part: Part) -> int:
    match part:
        case TextPart() | ThinkingPart():
            return tokens(part.text)
        case ToolResultPart():
            return tokens(part.content)
        case ToolCallPart():
            return tokens(part.name + json.dumps(dict(part.arguments)))
        case ImagePart() | DocumentPart():
            return FILE_TOKENS


def _seed(request: ModelRequest) -> int:
    """Files do not show in a repr, so they are added: whatever differs may answer differently."""
    told = hashlib.sha256(repr(request).encode(errors="replace"))
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ImagePart | DocumentPart):
                told.update(part.data)
    return int.from_bytes(told.digest()[:8])


def _thinking(request: ModelRequest, room: int) -> str:
    wanted = request.budget_tokens or 0
    if request.effort is not None:
        wanted = max(wanted, THINKING_TOKENS[request.effort])
    allowed = min(wanted, THINKING_TOKENS[Effort.MAX], room // 2)
    return text.thoughts(allowed * CHARS_A_TOKEN) if allowed > 0 else ""


def _calls(request: ModelRequest, task: str, seed: int) -> tuple[ToolCallPart, ...]:
    wanted = () if _results(request) else _wanted_tools(request, task)
    return tuple(
        ToolCallPart(
            id=f"demo_call_{seed:016x}_{index}",
            name=tool.name,
            arguments=schemas.instance({**tool.schema, "type": "object"}, seed),
        )
        for index, tool in enumerate(wanted)
    )


def _wanted_tools(request: ModelRequest, task: str) -> tuple[ToolSpec, ...]:
    choice, tools = request.tool_choice, request.tools
    if choice.mode == "none" or not tools:
        return ()
    if choice.mode == "tool":
        named = tuple(tool for tool in tools if tool.name == choice.name)
        if not named:
            raise BadRequest(f"The request has no tool named {choice.name!r}.")
        return named
    mentioned = tuple(tool for tool in tools if _mentions(task, tool.name))
    return mentioned or (tools[:1] if choice.mode == "any" else ())


def _mentions(task: str, name: str) -> bool:
    spaced = re.sub(r"[_-]+", " ", name)
    names = "|".join(re.escape(form) for form in (name, spaced) if form)
    return re.search(rf"(?<!\w)(?:{names})(?!\w)", task, re.IGNORECASE) is not None


def _results(request: ModelRequest) -> tuple[ToolResultPart, ...]:
    last = request.messages[-1].parts if request.messages else ()
    return tuple(part for part in last if isinstance(part, ToolResultPart))


def _text(request: ModelRequest, command: Command, level: int, seed: int) -> str:
    if request.json_schema is not None:
        made = schemas.instance(request.json_schema, seed)
        return json.dumps(made, ensure_ascii=False, indent=2)
    opening = text.opening(request.model_id)
    if command.name is Name.HELP:
        return f"{opening}\n\n{text.help_text()}"
    if command.name is Name.LONG:
        return f"{opening}\n\n{text.long_text(command.number)}"
    if results := _results(request):
        return f"{opening}\n\n{_about_results(results)}"
    body = text.passage(level, seed, _facts(request, command.rest))
    return f"{opening}\n\n{text.about(command.rest)}\n\n{body}"


def _about_results(results: tuple[ToolResultPart, ...]) -> str:
    lines = []
    for result in results:
        said = " ".join(result.content.split())[:MAX_QUOTE_CHARS]
        verb = "failed with" if result.is_error else "answered"
        lines.append(f"- The tool `{result.name}` {verb}: {said or '(nothing)'}")
    return "\n".join((*lines, "", "A real model would now answer your question with this."))


def _facts(request: ModelRequest, task: str) -> tuple[tuple[str, str], ...]:
    parts = [part for message in request.messages for part in message.parts]
    files = sum(isinstance(part, ImagePart | DocumentPart) for part in parts)
    return (
        ("words in your message", str(len(task.split()))),
        ("messages", str(len(request.messages))),
        ("tokens, about", str(input_tokens(request))),
        ("images and documents", str(files)),
        ("tools", str(len(request.tools))),
        ("most tokens allowed", str(request.max_output_tokens)),
    )


def _limited(text: str, stops: tuple[str, ...], room: int) -> tuple[str, StopReason]:
    """A stop sequence counts only where the text gets that far."""
    found = [at for stop in stops if stop and (at := text.find(stop)) >= 0]
    most = max(0, room) * CHARS_A_TOKEN
    if found and min(found) <= most:
        return text[: min(found)], StopReason.STOP_SEQUENCE
    if len(text) > most:
        return text[:most], StopReason.MAX_TOKENS
    return text, StopReason.END
