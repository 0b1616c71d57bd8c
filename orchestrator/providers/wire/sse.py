"""Server-sent events and JSON lines out of bytes that may be cut anywhere."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from orchestrator.providers.errors import BadStream

MAX_LINE_BYTES = 1024 * 1024
MAX_EVENT_CHARS = 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    data: str
    name: str = ""


class LineSplitter:
    """Lines ended by CR, LF or both, even where the two come in different chunks."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._ended_with_cr = False
        self._is_first = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        if self._ended_with_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._ended_with_cr = False
        self._ended_with_cr = self._ended_with_cr or chunk.endswith(b"\r")
        *ends, rest = LINE_END.split(chunk)
        for end in ends:
            yield self._line(end)
        self._keep(rest)

    def rest(self) -> str:
        """What came after the last line end."""
        return self._line(b"")

    def _line(self, end: bytes) -> str:
        self._keep(end)
        line = bytes(self._rest)
        self._rest.clear()
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(BYTE_ORDER_MARK)
        return line.decode("utf-8", "replace")

    def _keep(self, piece: bytes) -> None:
        self._rest += piece
        if len(self._rest) > MAX_LINE_BYTES:
            raise BadStream("The provider sent a line of more than 1 MiB.")


@dataclass(slots=True)
class EventParser:
    """Lines to events; comments and unknown fields are passed over."""

    _data: list[str] = field(default_factory=list)
    _name: str = ""
    _chars: int = 0

    def feed(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._chars += len(value) + 1
            if self._chars > MAX_EVENT_CHARS:
                raise BadStream("The provider sent an event of more than 1 MiB.")
            self._data.append(value)
        elif name == "event":
            self._name = value
        return None

    def _dispatch(self) -> ServerEvent | None:
        data, name = self._data, self._name
        self._data, self._name, self._chars = [], "", 0
        return ServerEvent("\n".join(data), name) if data else None


async def events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[ServerEvent]:
    """The events of a stream. One that the end of the stream cut short is not passed on."""
    splitter, parser = LineSplitter(), EventParser()
    async for chunk in chunks:
        for line in splitter.feed(chunk):
            if (event := parser.feed(line)) is not None:
                yield event


async def ndjson_lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[dict[str, Any]]:
    """JSON objects, one a line; the last may lack its line end."""
    splitter = LineSplitter()
    async for chunk in chunks:
        for line in splitter.feed(chunk):
            if line.strip():
                yield parse_object(line)
    if rest := splitter.rest().strip():
        yield parse_object(rest)


def parse_object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise BadStream("The provider sent something that is not JSON.") from None
    if not isinstance(document, dict):
        raise BadStream("The provider sent something other than a JSON object.")
    return document
