"""One valid instance of a JSON schema, the same for the same schema and seed."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestrator.providers.errors import BadRequest

MAX_DEPTH = 24
MAX_VALUES = 5_000
MAX_CHARS = 10_000
SHALLOW = 3  # below this depth optional parts are left out, so that recursion ends
WORDS = ("demo", "sample", "example", "canned", "placeholder")
FORMATS = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "demo@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/demo",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
# Short on purpose: a hostile pattern has little to chew on.
PATTERN_TRIES = ("demo", "Demo", "DEMO", "a", "A", "1", "12", "1234", "12345", "2026-11-20", "A-1")

Schema = Mapping[str, Any]


def instance(schema: Schema, seed: int = 0) -> Any:
    try:
        return _Maker(schema, seed).value(schema, 0, 0)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
        return _refuse("cannot be read")


class _Maker:
    def __init__(self, root: Schema, seed: int) -> None:
        self._root = root
        self._seed = seed
        self._left = MAX_VALUES
        self._keywords: dict[str, Callable[[Schema, int, int], Any]] = {
            "$ref": self._reference,
            "const": lambda schema, _depth, _index: schema["const"],
            "enum": self._choice,
            "allOf": self._all,
            "anyOf": lambda schema, depth, index: self._any("anyOf", schema, depth, index),
            "oneOf": lambda schema, depth, index: self._any("oneOf", schema, depth, index),
        }
        self._types: dict[str, Callable[[Schema, int, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "integer": self._number,
            "number": self._number,
            "boolean": lambda _schema, _depth, index: (self._seed + index) % 2 == 0,
            "null": lambda _schema, _depth, _index: None,
        }

    def value(self, schema: object, depth: int, index: int) -> Any:
        """`index` tells the items of one array apart."""
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            return _refuse("asks for too much, or never ends")
        if not isinstance(schema, Mapping):
            return WORDS[0] if schema is True else _refuse("allows nothing")
        for keyword, make in self._keywords.items():
            if keyword in schema:
                return make(schema, depth, index)
        make = self._types.get(_type_of(schema, depth), self._string)
        return make(schema, depth, index)

    def _reference(self, schema: Schema, depth: int, index: int) -> Any:
        target = self._target(schema["$ref"])
        rest = {name: part for name, part in schema.items() if name != "$ref"}
        merged = {**target, **rest} if isinstance(target, Mapping) else target
        return self.value(merged, depth + 1, index)

    def _target(self, path: str) -> Any:
        if not path.startswith("#"):
            return _refuse("points outside of itself")
        target: Any = self._root
        for step in path.split("/")[1:]:
            target = target[step.replace("~1", "/").replace("~0", "~")]
        return target

    def _choice(self, schema: Schema, _depth: int, index: int) -> Any:
        options = schema["enum"]
        return (
            options[(self._seed + index) % len(options)] if options else _refuse("allows nothing")
        )

    def _all(self, schema: Schema, depth: int, index: int) -> Any:
        merged: dict[str, Any] = {k: v for k, v in schema.items() if k != "allOf"}
        for stated in schema["allOf"]:
            part = self._target(stated["$ref"]) if "$ref" in stated else stated
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", ()), *part.get("required", ())]
            merged |= {**part, "properties": properties, "required": required}
        return self.value(merged, depth + 1, index)

    def _any(self, keyword: str, schema: Schema, depth: int, index: int) -> Any:
        options = schema[keyword]
        if not options:
            return _refuse("allows nothing")
        rest = {k: v for k, v in schema.items() if k != keyword}
        is_deep = depth >= SHALLOW
        option = min(options, key=_weight) if is_deep else options[0]
        merged = {**rest, **option} if isinstance(option, Mapping) else option
        return self.value(merged, depth + 1, index)

    def _object(self, schema: Schema, depth: int, index: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        names = [name for name in properties if depth < SHALLOW or name in required]
        made = {name: self.value(properties[name], depth + 1, index) for name in names}
        other = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self.value(other, depth + 1, index)
        for number in range(len(made), schema.get("minProperties", 0)):
            made[f"demo_{number + 1}"] = self.value(other, depth + 1, number)
        return made

    def _array(self, schema: Schema, depth: int, _index: int) -> list[Any]:
        first: Sequence[Any] = schema.get("prefixItems", ())
        least = schema.get("minItems", 0)
        wanted = max(least, len(first), 2 if depth < SHALLOW else 0)
        size = min(wanted, schema.get("maxItems", wanted))
        if schema.get("items") is False:
            size = min(size, len(first))
        rest = schema.get("items", {"type": "string"})
        return [
            self.value(first[number] if number < len(first) else rest, depth + 1, number)
            for number in range(size)
        ]

    def _string(self, schema: Schema, _depth: int, index: int) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        if least > MAX_CHARS:
            return str(_refuse("asks for too much text"))
        if "pattern" in schema:
            return _matching(str(schema["pattern"]), least, most)
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        word = WORDS[(self._seed + index) % len(WORDS)]
        text = f"{word} {index + 1}" if index >= len(WORDS) else word
        text = text.ljust(least, ".")
        return text if len(text) <= most else text[: int(most)]

    def _number(self, schema: Schema, depth: int, index: int) -> float:
        is_whole = _type_of(schema, depth) == "integer"
        step = schema.get("multipleOf", 1 if is_whole else 0)
        low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
        high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
        middle = (low + high) / 2
        tries = (1 + index, low + index, high - index, low + 1, high - 1, low, high, middle, 0)
        for number in tries:
            if not math.isfinite(number):
                continue
            snapped = math.ceil(number / step) * step if step else number
            for candidate in (snapped, snapped + step):
                if _is_allowed(candidate, schema):
                    return candidate
        raise BadRequest("This JSON schema allows no number.")


def _type_of(schema: Schema, depth: int) -> str:
    stated = schema.get("type")
    if isinstance(stated, list) and stated:
        if depth >= SHALLOW and "null" in stated:
            return "null"
        stated = next((name for name in stated if name != "null"), "null")
    if isinstance(stated, str):
        return stated
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _weight(option: object) -> int:
    """Alternatives that cannot contain themselves come first."""
    if not isinstance(option, Mapping) or "$ref" in option:
        return 2
    return 1 if _type_of(option, 0) in ("object", "array") else 0


def _is_allowed(number: float, schema: Schema) -> bool:
    return bool(
        schema.get("minimum", -math.inf) <= number <= schema.get("maximum", math.inf)
        and number > schema.get("exclusiveMinimum", -math.inf)
        and number < schema.get("exclusiveMaximum", math.inf)
    )


def _matching(pattern: str, least: int, most: float) -> str:
    try:
        for text in PATTERN_TRIES:
            if least <= len(text) <= most and re.search(pattern, text):
                return text
    except re.error:
        return str(_refuse("has a pattern that cannot be read"))
    return str(_refuse("has a pattern the demo cannot fill"))


def _refuse(why: str) -> Any:
    raise BadRequest(f"This JSON schema {why}. Change it, or choose a gear with a real model.")
