"""Rules as one Markdown table: a row is a rule, tried from top to bottom."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from orchestrator.services.setup import rules

MAX_ROWS = 500
FIRST_ORDER = 100
RULER = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
NOTHING = frozenset({"", "-", "–", "—", "any"})
FLAGS = {"yes": True, "true": True, "no": False, "false": False}
# What a column or a word before a colon is called -> the entry of a rule's condition.
CONDITIONS: Mapping[str, str] = {
    **dict.fromkeys(("road", "roads", "task", "tasks"), "roads"),
    **dict.fromkeys(("keyword", "keywords", "word", "words"), "keywords"),
    **dict.fromkeys(("purpose", "purposes"), "purposes"),
    **dict.fromkeys(("language", "languages"), "languages"),
    **dict.fromkeys(("tools", "has tools"), "has_tools"),
    **dict.fromkeys(("images", "has images"), "has_images"),
    **{
        name.replace("_", " "): name
        for name in (
            *("min_context_tokens", "max_context_tokens", "min_difficulty", "max_difficulty"),
            "offline_provider",
        )
    },
}
ACTIONS: Mapping[str, str] = {
    "gear": "use_gear",
    "use gear": "use_gear",
    "throttle": "throttle",
    "pattern": "pattern",
    "min level": "min_level",
    "max level": "max_level",
    "forbid gears": "forbid_gears",
}
OTHERS = ("name", "when", "reason", "order", "ends at")


class InvalidTable(ValueError):
    """The table cannot be read; every line of the message names a line and a reason."""


@dataclass(slots=True)
class Draft:
    """A row as a rule, not yet checked against what exists."""

    line: int
    name: str = ""
    when: dict[str, Any] = field(default_factory=dict)
    then: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    order: int = FIRST_ORDER
    ends_at: datetime | None = None


def read(text: str) -> list[Draft]:
    head, body = _table(text.splitlines())
    columns = _columns(*head)
    drafts: list[Draft] = []
    problems: list[str] = []
    for number, cells in body:
        try:
            drafts.append(_draft(number, columns, cells, FIRST_ORDER + len(drafts)))
        except ValueError as wrong:
            problems.append(f"line {number}: {wrong}")
    if problems:
        raise InvalidTable("\n".join(problems))
    return list(_named(drafts))


Row = tuple[int, list[str]]


def _table(lines: Sequence[str]) -> tuple[Row, list[Row]]:
    """The only table among whatever else the document says."""
    rulers = [
        number
        for number, line in enumerate(lines)
        if number and "|" in lines[number - 1] and RULER.match(line) and "-" in line
    ]
    if not rulers:
        raise InvalidTable("There is no table: a line such as | when | gear | and under it |---|.")
    if len(rulers) > 1:
        raise InvalidTable(f"line {rulers[1]}: a second table begins here; only one is read.")
    body: list[Row] = []
    for number in range(rulers[0] + 1, len(lines)):
        if "|" not in lines[number]:
            break
        body.append((number + 1, _cells(lines[number])))
    if not body:
        raise InvalidTable(f"line {rulers[0] + 1}: the table has no rows.")
    if len(body) > MAX_ROWS:
        raise InvalidTable(f"The table has {len(body):,} rows; {MAX_ROWS} are the most.")
    return (rulers[0], _cells(lines[rulers[0] - 1])), body


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.replace("\\|", "|").strip() for cell in BETWEEN_CELLS.split(inner)]


def _plain(title: str) -> str:
    return " ".join(title.replace("_", " ").replace("`", "").replace("*", "").lower().split())


def _columns(line: int, titles: list[str]) -> list[str]:
    columns = [_plain(title) for title in titles]
    known = {*CONDITIONS, *ACTIONS, *OTHERS}
    entries = [_entry_of(column) for column in columns]
    for place, (title, column) in enumerate(zip(titles, columns, strict=True)):
        if column not in known:
            there = ", ".join(sorted(known))
            raise InvalidTable(f"line {line}: there is no column {title!r}; there are: {there}.")
        if entries[place] in entries[:place]:
            raise InvalidTable(f"line {line}: the column {title!r} is there twice.")
    return columns


def _entry_of(column: str) -> str:
    return CONDITIONS.get(column) or ACTIONS.get(column) or column


def _draft(line: int, columns: list[str], cells: list[str], order: int) -> Draft:
    if len(cells) > len(columns):
        raise ValueError(f"{len(cells)} cells, and the table has {len(columns)} columns.")
    draft = Draft(line, order=order)
    for column, cell in zip(columns, cells, strict=False):
        text = cell.replace("`", "").strip()
        if text.lower() in NOTHING:
            continue
        if column in CONDITIONS:
            _put(draft.when, CONDITIONS[column], text)
        elif column in ACTIONS:
            _put(draft.then, ACTIONS[column], text)
        else:
            SETTERS[column](draft, text)
    return draft


def _put(document: dict[str, Any], entry: str, text: str) -> None:
    if entry in document:
        raise ValueError(f"{entry} is said twice.")
    document[entry] = _value(entry, text)


def _value(entry: str, text: str) -> Any:
    """As the rule's own check wants it; what does not fit is left for that check to name."""
    if entry in rules.SETS | rules.LISTS:
        return [word.strip().strip("\"'") for word in text.split(",") if word.strip()]
    if entry in rules.FLAGS:
        return FLAGS.get(text.lower(), text)
    if entry in rules.WHOLE | rules.SHARES:
        return _number(entry, text)
    return text


def _number(entry: str, text: str) -> Any:
    digits = text.removesuffix("%").strip().replace(",", "")
    if entry in rules.LEVELS:
        digits = digits.upper().removeprefix("G")
    try:
        return float(digits) if entry in rules.SHARES else int(digits)
    except ValueError:
        return text


def conditions(text: str) -> dict[str, Any]:
    """`country-road, hard; keywords: invoice, tax`: without a word before it, a list of roads."""
    return _pairs(text, CONDITIONS, "roads", "condition")


def actions(text: str) -> dict[str, Any]:
    """`demo-3; throttle: 40`: without a word before it, the gear to use."""
    return _pairs(text, ACTIONS, "use_gear", "action")


def end(text: str) -> str | None:
    """A typed date as an entry keeps it; nothing typed is no end."""
    draft = Draft(0)
    if text.strip().lower() not in {*NOTHING, "none"}:
        _set_end(draft, text.strip())
    return draft.ends_at.isoformat() if draft.ends_at else None


def _pairs(text: str, known: Mapping[str, str], first: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in filter(str.strip, text.split(";")):
        title, colon, rest = part.partition(":")
        entry = known.get(_plain(title)) if colon else first
        if entry is None:
            told = ", ".join(sorted(known))
            raise ValueError(f"{title.strip()!r} is no {kind}; there are: {told}.")
        _put(found, entry, (rest if colon else part).strip())
    return found


def _set_when(draft: Draft, text: str) -> None:
    for entry, value in conditions(text).items():
        if entry in draft.when:
            raise ValueError(f"{entry} is said twice.")
        draft.when[entry] = value


def _set_order(draft: Draft, text: str) -> None:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise ValueError("order is a whole number; a lower one is tried first.")
    draft.order = int(text)


def _set_end(draft: Draft, text: str) -> None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("ends at is a date such as 2026-12-31.") from None
    draft.ends_at = timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _set_name(draft: Draft, text: str) -> None:
    draft.name = text


def _set_reason(draft: Draft, text: str) -> None:
    draft.reason = text


SETTERS: Mapping[str, Callable[[Draft, str], None]] = {
    "name": _set_name,
    "when": _set_when,
    "reason": _set_reason,
    "order": _set_order,
    "ends at": _set_end,
}


def _named(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """A row without a name is called by what it asks, so that reading it again changes nothing."""
    taken = {draft.name for draft in drafts if draft.name}
    for draft in drafts:
        if not draft.name:
            asked = " ".join(str(value) for value in draft.when.values())
            base = NOT_IN_NAMES.sub("-", asked.lower()).strip("-")[:50].strip("-") or "rule"
            names = (base, *(f"{base}-{number}" for number in range(2, MAX_ROWS + 2)))
            draft.name = next(name for name in names if name not in taken)
            taken.add(draft.name)
        yield draft
