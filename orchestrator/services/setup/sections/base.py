"""What a part of the configuration text is, and what applying one did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestrator.routing.fuel import dollars

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
        return f"{self.field}: {self.change}"

    @property
    def change(self) -> str:
        if isinstance(self.before, list) and isinstance(self.after, list):
            return _of_lists(self.before, self.after)
        return f"{shown(self.before)} → {shown(self.after)}"


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
    found = []
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if name == "name" or _is_same(was, now, is_new=before is None):
            continue
        if _is_table(was) and _is_table(now):
            inner = differences(was, now)
            found += [Difference(f"{name} {each.field}", each.before, each.after) for each in inner]
        else:
            found.append(Difference(name, was, now))
    return found


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and "base" not in value


def _of_lists(before: list[Any], after: list[Any]) -> str:
    more, less = [x for x in after if x not in before], [x for x in before if x not in after]
    told = [f"+ {shown(more)}"] * bool(more) + [f"− {shown(less)}"] * bool(less)
    return ", ".join(told) or "another order"


def _is_same(old: Any, new: Any, *, is_new: bool) -> bool:
    return old == new or (is_new and new in (None, "", [], {}))


def shown(value: object) -> str:
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or NONE
    if isinstance(value, Mapping):
        value = _of_prices(value) if "base" in value else _of_table(value)
    text = " ".join(str(value).split())
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"


def _of_table(value: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {shown(each)}" for name, each in value.items()) or NONE


def _of_prices(value: Mapping[str, Any]) -> str:
    base = value["base"]
    if not isinstance(base, Mapping):
        return str(base)
    text = f"{dollars(base.get('input', 0))} in, {dollars(base.get('output', 0))} out per million"
    return f"{text} ({value['version']})" if value.get("version") else text


class Section(Protocol):
    """`export` gives a list of entries, or one table of names and values."""

    @property
    def name(self) -> str: ...

    @property
    def is_table(self) -> bool: ...

    def export(self) -> Iterable[Entry] | Entry: ...

    def apply(self, entry: Entry, changes: Changes) -> None:
        """Raises `ValueError` or `ValidationError` for what cannot be applied."""
