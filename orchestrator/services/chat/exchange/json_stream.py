"""The objects of a JSON file one after the other, so that a large file needs little memory.

Not `orchestrator.json_input`: that refuses what other products' exports contain, such as lone
surrogates, and reads a document whole.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

CHUNK_BYTES = 1024 * 1024
# The largest single chat: what is decoded at once takes about ten times its size in memory.
MOST_CHARS = 64 * 1024 * 1024

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class NotObjects(ValueError):
    """JSON, but neither an object nor a list of objects."""


class ObjectTooLarge(ValueError):
    """One object is larger than is taken."""


def objects(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """The objects of a list, or the only object. Raises ValueError or RecursionError."""
    return _Reader(file).objects()


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_at_end = False

    def objects(self) -> Iterator[dict[str, Any]]:
        if self._next_char() == "{":
            yield self._object()
            return
        self._expect("[")
        if self._next_char() == "]":
            return
        while True:
            yield self._object()
            if self._next_char() != ",":
                break
            self._at += 1
        self._expect("]")

    def _object(self) -> dict[str, Any]:
        """Decoded again with twice the text as long as it does not end within it."""
        if self._next_char() != "{":
            raise NotObjects
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._read_more():
                    raise
            else:
                return value  # type: ignore[no-any-return]

    def _expect(self, char: str) -> None:
        if self._next_char() != char:
            raise NotObjects
        self._at += 1

    def _next_char(self) -> str:
        while True:
            if found := _SPACE.match(self._text, self._at):
                self._at = found.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def _read_more(self) -> bool:
        if self._is_at_end:
            return False
        kept = self._text[self._at :]
        if len(kept) > MOST_CHARS:
            raise ObjectTooLarge
        data = self._file.read(max(CHUNK_BYTES, len(kept)))
        self._is_at_end = not data
        self._text, self._at = kept + self._decoder.decode(data, final=not data), 0
        return True
