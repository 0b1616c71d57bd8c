"""A request as one plain text, for tools that take a prompt and not a list of messages."""

import hashlib
import json

from orchestrator.providers.errors import BadRequest
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

PREAMBLE = (
    "Below is a conversation. Each turn starts with a line like [user {mark}]. "
    "Only lines with exactly this mark start a turn. "
    "Write the assistant's answer to the last user turn, and nothing else: no mark, no comment."
)


def render(request: ModelRequest) -> str:
    """The mark depends on the whole text, so no turn can contain a line that starts another."""
    turns: list[tuple[str, str]] = [(message.role, _text(message)) for message in request.messages]
    if request.system:
        turns.insert(0, ("system", request.system))
    mark = hashlib.sha256(json.dumps(turns).encode()).hexdigest()[:12]
    blocks = [f"[{role} {mark}]\n{text}" for role, text in turns]
    return "\n\n".join((PREAMBLE.format(mark=mark), *blocks)) + "\n"


def refuse_unsupported(request: ModelRequest, title: str) -> None:
    """Says plainly what a text-only tool cannot take, instead of dropping it."""
    parts = [part for message in request.messages for part in message.parts]
    if any(isinstance(part, ImagePart) for part in parts):
        _refuse(title, "images")
    if any(isinstance(part, DocumentPart) for part in parts):
        _refuse(title, "documents")
    if request.tools:
        _refuse(title, "tools of your own")
    if request.json_schema is not None:
        _refuse(title, "a JSON schema")


def _refuse(title: str, what: str) -> None:
    raise BadRequest(f"{title} does not take {what}. Leave them out, or choose another gear.")


def _text(message: Message) -> str:
    return "\n".join(text for part in message.parts if (text := _part(part)))


def _part(part: Part) -> str:
    match part:
        case TextPart():
            return part.text
        case ToolCallPart():
            return f"(called {part.name} with {json.dumps(dict(part.arguments))})"
        case ToolResultPart():
            return f"({part.name} answered: {part.content})"
        case ThinkingPart() | ImagePart() | DocumentPart():
            return ""
