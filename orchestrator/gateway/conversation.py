"""Messages as a client sends them become those that the engine drives with."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from orchestrator.files import cleaning
from orchestrator.files.refusals import FileRefused
from orchestrator.gateway import calls
from orchestrator.gateway.faults import Refused
from orchestrator.providers.vocabulary import (
    DocumentPart,
    ImagePart,
    Message,
    Part,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

MAX_MESSAGES = 10_000
MAX_TOOLS = 512
MAX_STOPS = 16
MAX_PARTS = 2_000
NO_ADDRESSES = "Nothing is fetched from addresses. Send the file itself, as base64."


@dataclass(slots=True)
class Conversation:
    """Collects messages in order. `gear` is the one whose tool calls are answered last."""

    messages: list[Message] = field(default_factory=list)
    system: list[str] = field(default_factory=list)
    gear: str = ""
    _names: dict[str, str] = field(default_factory=dict)

    def assistant(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if isinstance(part, ToolCallPart):
                self._names[part.id] = part.name
        if parts:
            self.messages.append(Message("assistant", tuple(parts)))

    def user(self, parts: Sequence[Part]) -> None:
        """Results of tools stand together and first, as all vendors want them."""
        if not parts:
            return
        if self.messages and self._is_open():
            last = self.messages.pop()
            parts = [*last.parts, *parts]
        results = [part for part in parts if isinstance(part, ToolResultPart)]
        others = [part for part in parts if not isinstance(part, ToolResultPart)]
        self.messages.append(Message("user", (*results, *others)))

    def _is_open(self) -> bool:
        """A message that began with results takes what comes after them."""
        last = self.messages[-1]
        return last.role == "user" and isinstance(last.parts[0], ToolResultPart)

    def result(self, told_id: str, content: str, *, is_error: bool = False) -> ToolResultPart:
        call_id, gear = calls.read_id(told_id)
        self.gear = gear
        return ToolResultPart(call_id, self._names.get(call_id, ""), content, is_error)

    @property
    def tool_gear(self) -> str:
        """Only while the last message answers calls."""
        last = self.messages[-1].parts if self.messages else ()
        return self.gear if any(isinstance(part, ToolResultPart) for part in last) else ""


def text_part(text: str) -> list[Part]:
    return [TextPart(text)] if text else []


def file_parts(data: str, at: str, name: str = "file") -> list[Part]:
    """A picture, a PDF or a text out of base64, cleaned as what people attach to a chat."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("invalid_request", f"{at} is not base64.", param=at) from None
    try:
        file = cleaning.clean(name, raw)
    except FileRefused as refused:
        raise Refused("invalid_request", f"{at}: {refused}", param=at) from None
    if file.kind == "image":
        return [ImagePart(file.media_type, file.data)]
    if file.kind == "pdf":
        return [DocumentPart(file.media_type, file.data, file.name)]
    return [TextPart(f"{file.name}\n\n{file.text}")]


def from_data_url(url: str, at: str, name: str = "file") -> list[Part]:
    head, comma, data = url.partition(",")
    if not (url.startswith("data:") and comma and head.endswith(";base64")):
        raise Refused("invalid_request", f"{at}: {NO_ADDRESSES}", param=at)
    return file_parts(data, at, name)


def joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text.strip())
