"""Texts and values for prompts, as they are given on the command line."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import exits

if TYPE_CHECKING:
    from orchestrator.prompting.template import Field

MAX_VALUE_BYTES = 4 * 1024 * 1024
Values = Annotated[
    list[str] | None,
    typer.Argument(help="name=value; name=@FILE reads a file, name=- a pipe."),
]


def read(fields: Sequence["Field"], words: Sequence[str] | None) -> dict[str, str]:
    """What was given, by place. A place that the prompt does not have is a slip."""
    known = {field.name for field in fields}
    given: dict[str, str] = {}
    for word in words or ():
        name, mark, value = word.partition("=")
        if not mark:
            exits.leave(exits.USAGE, f"{word!r} is no name=value.")
        if name not in known:
            have = ", ".join(sorted(known)) or "none"
            exits.leave(exits.USAGE, f"The prompt has no place {name!r}. It has: {have}.")
        given[name] = _value(value)
    return given


def filled(fields: Sequence["Field"], given: Mapping[str, str], *, may_ask: bool) -> dict[str, str]:
    """At a terminal, what is missing is asked for."""
    values = dict(given)
    if not (may_ask and sys.stdin.isatty()):
        return values
    for field in fields:
        if field.name not in values and not field.default:
            values[field.name] = typer.prompt(field.name, err=True)
    return values


def text_from(words: Sequence[str] | None, file: Path | None) -> str:
    """A prompt's text: written out, from a file, or from a pipe."""
    if file is not None:
        return _file(file)
    if list(words or ()) == ["-"] or (not words and not sys.stdin.isatty()):
        return _pipe()
    return " ".join(words or ())


def _value(text: str) -> str:
    if text == "-":
        return _pipe()
    return _file(Path(text[1:])) if text.startswith("@") and len(text) > 1 else text


def _pipe() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace").removesuffix("\n")


def _file(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_VALUE_BYTES:
            exits.leave(exits.USAGE, f"{file} is larger than 4 MB. Give a part of it.")
        return file.read_text("utf-8-sig").removesuffix("\n")
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")
    except UnicodeDecodeError:
        exits.leave(exits.USAGE, f"{file} is not text in UTF-8.")
