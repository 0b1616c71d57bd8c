"""The one way JSON from outside comes in: size, depth, numbers and characters are bounded.

A plain `json.loads` takes NaN (which defeats every comparison), overflows on deep nesting, and
lets through characters that a database refuses later.
"""

import json
import math
import re
from typing import TypeAlias

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None

# The largest range in which every JSON reader (a browser's, too) keeps integers exact.
MAX_INTEGER = 2**53
MAX_INTEGER_CHARS = len(str(-MAX_INTEGER))
MAX_DEPTH = 64

# Strings are matched whole, so that brackets inside them do not count.
_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
_RISKY_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


class InvalidJson(ValueError):
    """The input is refused; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class JsonTooLarge(InvalidJson):
    """More bytes than are taken, so that an HTTP face can answer 413."""


def parse(data: bytes | str, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> JsonValue:
    text = _text(data, max_bytes)
    _check_depth(text, max_depth)
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(f"{error.msg} (line {error.lineno}, column {error.colno}).") from None
    if _RISKY_ESCAPE.search(text):
        _check_characters(value)
    return value


def _text(data: bytes | str, max_bytes: int) -> str:
    try:
        size = len(data) if isinstance(data, bytes) else len(data.encode())
        _check_size(size, max_bytes)
        return data.decode() if isinstance(data, bytes) else data
    except UnicodeError:
        raise InvalidJson("The text is not valid UTF-8.") from None


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise JsonTooLarge(f"{size:,} bytes are too many: {max_bytes:,} is the most.")


def _check_depth(text: str, max_depth: int) -> None:
    if text.count("[") + text.count("{") <= max_depth:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        char = text[match.start()]
        if char in "[{":
            depth += 1
            if depth > max_depth:
                raise InvalidJson(f"Nested too deeply: {max_depth} levels are the most.")
        elif char in "]}":
            depth -= 1


def _check_characters(value: JsonValue) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if found := _FORBIDDEN.search(item):
                raise InvalidJson(f"A text contains U+{ord(found[0]):04X}, which cannot be kept.")
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidJson(f"The name {_twice(pairs)!a} appears twice in one object.")
    return found


def _twice(pairs: list[tuple[str, JsonValue]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name[:60]
        seen.add(name)
    return ""


def _integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_CHARS or abs(int(digits)) > MAX_INTEGER:
        raise InvalidJson(f"The number {digits[:20]} is outside -2^53 to 2^53.")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidJson(f"The number {digits[:20]} is too large.")
    return number


def _constant(name: str) -> float:
    raise InvalidJson(f"{name} is not a number in JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
