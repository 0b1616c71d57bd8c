"""Server-sent events and JSON lines out of bytes that may be cut anywhere."""

import codecs
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from orchestrator.providers.errors import BadStream

MAX_LINE_CHARS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerEvent:
    data: str
    name: str = ""


class LineSplitter:
    """Lines ended by CR, LF or both, even where the two come in different chunks."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._ended_with_cr = False
        self._is_first = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        text = self._decoder.decode(chunk)
        if self._is_first and text:
            self._is_first = False
            text = text.removeprefix("\ufeff")
        if self._ended_with_cr and text:
            text = text.removeprefix("\n")
            self._ended_with_cr = False
        if text.endswith("\r"):
            self._ended_with_cr = True
        whole = self._rest + text.replace("\r\n", "\n").replace("\r", "\n")
        *lines, self._rest = whole.split("\n")
        if len(self._rest) > MAX_LINE_CHARS or any(len(line) > MAX_LINE_CHARS for line in lines):
            raise BadStream("The provider sent a line of more than 1 MiB.")
        yield from lines

    def rest(self) -> str:
        """What came after the last line end."""
        rest, self._rest = self._rest + self._decoder.decode(b"", final=True), ""
        return rest


@dataclass(slots=True)
class EventParser:
    """Lines to events; comments and unknown fields are passed over."""

    _data: list[str] = field(default_factory=list)
    _name: str = ""

    def feed(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        return None

    def _dispatch(self) -> ServerEvent | None:
        data, name = self._data, self._name
        self._data, self._name = [], ""
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
        raise BadStream("The provider sent something else than a JSON object.")
    return document
