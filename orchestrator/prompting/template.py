"""Prompts with places to fill: a name, one with a default, a choice, or several lines.

{{name}}, {{name|default}}, {{tone:formal|casual}}, {{text:multiline}};
`\\{{` stands for two braces. Anything that is no such place stays text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PLACE = re.compile(r"\\\{\{|\{\{\s*([A-Za-z_][\w-]{0,39})\s*(?:([:|])([^{}]{0,500}))?\}\}")
MULTILINE = "multiline"
Kind = Literal["line", "multiline", "choice"]


class MissingValue(ValueError):
    """A place without a default was left empty."""


class ConflictingPlaces(ValueError):
    """One name is declared in two ways."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind = "line"
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    text: str
    fields: tuple[Field, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Values go in literally: braces in them are never read again."""
        by_name = {field.name: field for field in self.fields}

        def put(match: "re.Match[str]") -> str:
            if match[1] is None:
                return "{{"
            field = by_name[match[1]]
            value = values.get(field.name, "") or field.default
            if not value.strip():
                raise MissingValue(f"Fill in “{field.name}”.")
            if field.choices and value not in field.choices:
                raise MissingValue(f"“{field.name}” is one of: {', '.join(field.choices)}.")
            return value

        return PLACE.sub(put, self.text)


def parse(text: str) -> Template:
    fields: dict[str, Field] = {}
    for match in PLACE.finditer(text):
        if match[1] is None:
            continue
        field = _field(match[1], match[2], match[3])
        known = fields.get(field.name)
        if known is None or known == Field(field.name):
            fields[field.name] = field
        elif field not in (known, Field(field.name)):
            raise ConflictingPlaces(f"“{field.name}” is declared in two different ways.")
    return Template(text, tuple(fields.values()))


def _field(name: str, mark: str | None, rest: str | None) -> Field:
    given = (rest or "").strip()
    if mark == "|":
        return Field(name, default=given)
    if mark == ":" and given == MULTILINE:
        return Field(name, kind="multiline")
    if mark == ":" and given:
        choices = tuple(choice.strip() for choice in given.split("|") if choice.strip())
        return Field(name, kind="choice", default=choices[0], choices=choices)
    return Field(name)
