"""Two texts line by line: what stayed, what went, what came."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "removed", "added"]
# Comparing takes the square of the lines; longer texts are told apart at both ends only.
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    text: str


def between(old: str, new: str) -> list[Line]:
    before, after = old.split("\n"), new.split("\n")
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    changed = _changed(before[head : len(before) - tail], after[head : len(after) - tail])
    return [
        *(Line("same", text) for text in before[:head]),
        *changed,
        *(Line("same", text) for text in before[len(before) - tail :]),
    ]


def _common(one: list[str], other: list[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    if len(old) + len(new) > MOST_LINES:
        yield from (Line("removed", text) for text in old)
        yield from (Line("added", text) for text in new)
        return
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield from (Line("same", text) for text in old[old_from:old_to])
            continue
        yield from (Line("removed", text) for text in old[old_from:old_to])
        yield from (Line("added", text) for text in new[new_from:new_to])
