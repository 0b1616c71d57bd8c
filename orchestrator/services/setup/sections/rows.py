"""A part whose entries are rows of one model, found by name."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from orchestrator.services.setup.sections.base import NONE, Changes, Entry

KINDS: tuple[tuple[type[Any], tuple[type, ...], str], ...] = (
    (models.BooleanField, (bool,), "true or false"),
    (models.IntegerField, (int,), "a whole number"),
    (models.FloatField, (int, float), "a number"),
    (models.CharField, (str,), "a text in one line"),
    (models.TextField, (str,), "a text"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A field that is written in another form than it is kept."""

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


def no_check(row: Any) -> None:
    """Nothing beyond what the model itself checks."""


def _saved(row: Any) -> None:
    row.save()


@dataclass(frozen=True)
class RowSection:
    """`own` narrows the rows to those that are part of the text; `keys` find one of them."""

    name: str
    model: type[models.Model]
    fields: tuple[str, ...]
    columns: Mapping[str, Column] = field(default_factory=dict)
    keys: tuple[str, ...] = ("name",)
    own: Callable[[models.QuerySet[Any]], models.QuerySet[Any]] = lambda rows: rows
    check: Callable[[Any], None] = no_check
    save: Callable[[Any], None] = _saved
    is_table: bool = False

    def rows(self) -> models.QuerySet[Any]:
        return self.own(self.model._default_manager.all())

    def export(self) -> list[dict[str, Any]]:
        entries = [self.values(row) for row in self.rows()]
        ordered = sorted(entries, key=lambda entry: [str(entry[key] or "") for key in self.keys])
        return [self._written(entry) for entry in ordered]

    def values(self, row: Any) -> dict[str, Any]:
        return {
            name: self.columns[name].read(row) if name in self.columns else getattr(row, name)
            for name in self.fields
        }

    def _written(self, entry: Entry) -> dict[str, Any]:
        """TOML has no null: a field that may be empty says so in a word."""
        return {name: NONE if value is None else value for name, value in entry.items()}

    def find(self, entry: Entry) -> Any:
        wanted = [entry.get(key) or "" for key in self.keys]
        for row in self.rows().filter(name=entry.get("name")):
            values = self.values(row)
            if [values[key] or "" for key in self.keys] == wanted:
                return row
        return None

    def apply(self, entry: Entry, changes: Changes) -> None:
        row = self.find(self.checked_names(entry))
        before = None if row is None else self.values(row)
        row = self.model() if row is None else row
        self.fill(row, entry)
        if before is not None and self.values(row) == before:
            changes.unchanged += 1
            return
        self.validate(row)
        changes.note(f"{self.name} {entry['name']}", before, self.values(row))
        self.save(row)

    def checked_names(self, entry: Entry) -> Entry:
        if unknown := sorted(set(entry) - set(self.fields)):
            raise ValueError(f"{unknown[0]!r} is unknown; there are: {', '.join(self.fields)}")
        if not isinstance(entry.get("name"), str):
            raise ValueError("every entry needs a name")
        return entry

    def fill(self, row: Any, entry: Entry) -> None:
        for name, value in entry.items():
            given = None if value == NONE and self._may_be_none(name) else value
            if name in self.columns:
                self.columns[name].write(row, given)
            else:
                setattr(row, name, self._typed(name, given))

    def validate(self, row: Any) -> None:
        self.check(row)
        row.full_clean()

    def _may_be_none(self, name: str) -> bool:
        if name in self.columns:
            return True
        return bool(self.model._meta.get_field(name).null)

    def _typed(self, name: str, value: Any) -> Any:
        known = self.model._meta.get_field(name)
        if value is None and known.null:
            return None
        for kind, accepted, words in KINDS:
            if isinstance(known, kind):
                if not isinstance(value, accepted) or (
                    isinstance(value, bool) != (bool in accepted)
                ):
                    raise ValueError(f"{name} is {words}; {value!r} is not")
                return _sound(name, value, is_one_line=isinstance(known, models.CharField))
        return _without_nulls(name, value)


def _sound(name: str, value: Any, *, is_one_line: bool) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is a number; {value!r} is not")
    if isinstance(value, str) and "\x00" in value:
        raise ValueError(f"{name} has a sign that cannot be kept (NUL)")
    if is_one_line and isinstance(value, str) and not value.isprintable():
        raise ValueError(f"{name} is one line of printable signs")
    return value


def _without_nulls(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) for key in value):
            raise ValueError(f"{name}: names are texts")
        return {key: _without_nulls(name, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nulls(name, each) for each in value]
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{name} holds {value!r}, which cannot be kept")
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def moment(name: str) -> Column:
    """A point in time, written as text."""

    def read(row: Any) -> str | None:
        value = getattr(row, name)
        return value.isoformat() if value else None

    def write(row: Any, value: Any) -> None:
        try:
            found = parse_datetime(value) if isinstance(value, str) else value
        except ValueError:
            found = None
        if value is not None and not isinstance(found, datetime):
            raise ValueError(f"{name} is a moment such as 2026-12-31T00:00:00Z; {value!r} is not")
        if isinstance(found, datetime) and timezone.is_naive(found):
            found = timezone.make_aware(found)
        setattr(row, name, found)

    return Column(read, write)


def named(name: str, rows: Callable[[], models.QuerySet[Any]], key: str = "name") -> Column:
    """A row of another model, written as its name; an empty text where there is none."""

    def read(row: Any) -> str:
        other = getattr(row, name)
        return "" if other is None else str(getattr(other, key))

    def write(row: Any, value: Any) -> None:
        found = rows().filter(**{key: value}).first() if isinstance(value, str) and value else None
        if found is None and value:
            raise ValueError(f"there is no {rows().model.__name__.lower()} named {value!r}")
        setattr(row, name, found)

    return Column(read, write)
