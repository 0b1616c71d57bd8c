"""Typed reading of a request's JSON; what is wrong is told with the name of the field."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.gateway.faults import Refused


@dataclass(frozen=True, slots=True)
class Fields:
    """An object within the body; null counts as absent."""

    document: Mapping[str, Any]
    at: str = ""

    def name(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key

    def wrong(self, key: str, what: str) -> Refused:
        name = self.name(key)
        return Refused("invalid_request", f"{name} {what}.", param=name)

    def has(self, key: str) -> bool:
        return self.document.get(key) is not None

    def raw(self, key: str) -> Any:
        return self.document.get(key)

    def text(self, key: str, default: str = "", most: int | None = None) -> str:
        value = self._of(key, str, "is a text")
        if value is None:
            return default
        if most is not None and len(value) > most:
            raise self.wrong(key, f"has at most {most:,} characters")
        return str(value)

    def needed(self, key: str) -> str:
        if not (value := self.text(key)):
            raise self.wrong(key, "is missing")
        return value

    def word(self, key: str, known: tuple[str, ...], default: str = "") -> str:
        value = self.text(key, default)
        if value and value not in known:
            raise self.wrong(key, f"is one of: {', '.join(known)}")
        return value

    def flag(self, key: str) -> bool:
        return bool(self._of(key, bool, "is true or false"))

    def integer(self, key: str, low: int, high: int) -> int | None:
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(key, f"is a whole number from {low:,} to {high:,}")
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        value = self.raw(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not low <= value <= high:
            raise self.wrong(key, f"is a number from {low:g} to {high:g}")
        return float(value)

    def inner(self, key: str) -> "Fields":
        value = self._of(key, dict, "is an object")
        return Fields(value or {}, self.name(key))

    def entries(self, key: str, most: int) -> "list[Fields]":
        """A list of objects."""
        found = []
        for number, value in enumerate(self.listed(key, most)):
            at = f"{self.name(key)}.{number}"
            if not isinstance(value, dict):
                raise Refused("invalid_request", f"{at} is an object.", param=at)
            found.append(Fields(value, at))
        return found

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """A list of texts, or one of them alone."""
        if isinstance(value := self.raw(key), str):
            return (value,)
        found = self.listed(key, most)
        if not all(isinstance(each, str) for each in found):
            raise self.wrong(key, "is a list of texts")
        return tuple(found)

    def listed(self, key: str, most: int) -> list[Any]:
        value = self._of(key, list, "is a list") or []
        if len(value) > most:
            raise self.wrong(key, f"has at most {most:,} entries")
        return list(value)

    def _of(self, key: str, kind: type[Any], what: str) -> Any:
        value = self.raw(key)
        if value is not None and not isinstance(value, kind):
            raise self.wrong(key, what)
        return value
