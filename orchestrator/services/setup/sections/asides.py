"""Columns that are no fields of their row: what an entry says of them waits with the row until it
is saved."""

from collections.abc import Callable
from typing import Any

from orchestrator.services.setup.sections.fleet import texts
from orchestrator.services.setup.sections.rows import Column

Checked = Callable[[Any], Any]


def aside(name: str, read: Callable[[Any], Any], checked: Checked) -> Column:
    """`read` is asked only of stored rows; `checked` raises `ValueError`."""

    def given_or_stored(row: Any) -> Any:
        return row.__dict__[_key(name)] if is_given(row, name) else read(row)

    def write(row: Any, value: Any) -> None:
        row.__dict__[_key(name)] = checked(value)

    return Column(given_or_stored, write)


def is_given(row: Any, name: str) -> bool:
    return _key(name) in row.__dict__


def given(row: Any, name: str) -> Any:
    """What the entry said, or None where it said nothing."""
    return row.__dict__.get(_key(name))


def _key(name: str) -> str:
    return f"given_{name}"


def names(what: str) -> Checked:
    """A list of names, in their order; each once."""

    def checked(value: Any) -> list[str]:
        texts(what, value)
        return sorted(set(value))

    return checked
