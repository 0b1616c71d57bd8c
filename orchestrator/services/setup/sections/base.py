"""What a part of the configuration text is, and what applying one did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Entry = Mapping[str, Any]
NONE = "none"
MAX_SHOWN_CHARS = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one entry; None where there is none."""

    field: str
    before: Any
    after: Any

    @property
    def text(self) -> str:
        return f"{self.field}: {shown(self.before)} → {shown(self.after)}"


@dataclass(slots=True)
class Changes:
    """What an import does, or would do."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    differences: dict[str, list[Difference]] = field(default_factory=dict)

    def note(self, subject: str, before: Entry | None, after: Entry) -> bool:
        """Whether anything differs; if so, what."""
        if before is not None and dict(before) == dict(after):
            self.unchanged += 1
            return False
        (self.changed if before is not None else self.created).append(subject)
        self.differences[subject] = differences(before, after)
        return True

    @property
    def is_empty(self) -> bool:
        return not (self.created or self.changed)

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
        }
        if self.differences:
            document["differences"] = {
                subject: [each.text for each in found]
                for subject, found in self.differences.items()
            }
        return document


def differences(before: Entry | None, after: Entry | None) -> list[Difference]:
    old, new = before or {}, after or {}
    names = dict.fromkeys((*old, *new))
    return [
        Difference(name, old.get(name), new.get(name))
        for name in names
        if name != "name" and not _is_same(old.get(name), new.get(name), is_new=before is None)
    ]


def _is_same(old: Any, new: Any, *, is_new: bool) -> bool:
    return old == new or (is_new and new in (None, "", [], {}))


def shown(value: object) -> str:
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or NONE
    text = " ".join(str(value).split())
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"


class Section(Protocol):
    """`export` gives a list of entries, or one table of names and values."""

    @property
    def name(self) -> str: ...

    @property
    def is_table(self) -> bool: ...

    def export(self) -> Iterable[Entry] | Entry: ...

    def apply(self, entry: Entry, changes: Changes) -> None:
        """Raises `ValueError` or `ValidationError` for what cannot be applied."""
