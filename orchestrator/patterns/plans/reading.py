"""A run's plan from its document (TOML or JSON): checked whole before anything is driven."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from orchestrator.patterns import checks
from orchestrator.patterns.plans.outline import places
from orchestrator.patterns.plans.shapes import (
    ITEM,
    LEAD,
    MAX_DEPTH,
    MAX_INSTRUCTION_CHARS,
    MAX_ITEM_CHARS,
    MAX_ITEMS,
    MAX_NAME_CHARS,
    MAX_PARALLEL,
    MAX_PARTS,
    MAX_PLACES,
    MERGE,
    REDUCE,
    Cascade,
    Combine,
    Convoy,
    Hybrid,
    InvalidPlan,
    ItemCheck,
    Part,
    Phase,
    RunPlan,
    Split,
    Strength,
    Swarm,
    Team,
)

Document = Mapping[str, Any]
Word = TypeVar("Word", Strength, Combine, Split)
MAX_RETRIES = 3


def from_document(pattern: str, document: Document) -> RunPlan:
    plan = _plan(pattern, document, depth=1)
    if (count := len(places(plan))) > MAX_PLACES:
        raise InvalidPlan(f"The plan has {count} places; {MAX_PLACES} are the most.")
    return plan


def part_problem(entry: Document) -> str:
    """What keeps this place from being driven, or nothing."""
    try:
        _part(entry, "It")
    except InvalidPlan as problem:
        return str(problem)
    return ""


def _plan(pattern: str, document: Document, depth: int) -> RunPlan:
    if pattern == "hybrid":
        return _hybrid(document, depth)
    if (read := READERS.get(pattern)) is None:
        raise InvalidPlan(f"There is no plan for the pattern {pattern!r}.")
    return read(document)


def _convoy(document: Document) -> Convoy:
    _only(document, "steps")
    steps = _parts(document, "steps")
    if steps[0].sends_back:
        raise InvalidPlan(f"{steps[0].name} is the first step and has nothing to send back.")
    return Convoy(steps)


def _team(document: Document) -> Team:
    _only(document, "roles", "merge", "review", "lead")
    return Team(
        _parts(document, "roles") if document.get("roles") else (),
        _part_or(document, "merge", MERGE),
        _part(document["review"], "review") if document.get("review") is not None else None,
        _part_or(document, "lead", LEAD),
    )


def _cascade(document: Document) -> Cascade:
    _only(document, "gears")
    gears = tuple(filter(None, _texts(document, "gears")))  # a row that was not chosen yet is none
    if len(gears) > MAX_PARTS:
        raise InvalidPlan(f"At most {MAX_PARTS} gears; this names {len(gears)}.")
    return Cascade(gears)


def _swarm(document: Document) -> Swarm:
    known = ("each", "items", "split", "parallel", "check", "retries", "combine", "reduce")
    _only(document, *known)
    items = _texts(document, "items")
    check_items(items)
    return Swarm(
        each=_part_or(document, "each", ITEM),
        items=items,
        split=_word(document, "split", Split.LINES),
        parallel=_number(document, "parallel", 10, 1, MAX_PARALLEL),
        check=_check(document.get("check") or {}),
        retries=_number(document, "retries", 1, 0, MAX_RETRIES),
        combine=_word(document, "combine", Combine.CONCATENATE),
        reduce=_part_or(document, "reduce", REDUCE),
    )


def check_items(items: Sequence[str]) -> None:
    if len(items) > MAX_ITEMS:
        raise InvalidPlan(
            f"There are {len(items):,} items; a run takes {MAX_ITEMS:,}. Split them over runs."
        )
    for number, item in enumerate(items, start=1):
        if len(item) > MAX_ITEM_CHARS:
            raise InvalidPlan(
                f"Item {number} has {len(item):,} characters; {MAX_ITEM_CHARS:,} are the most."
            )


def _check(document: object) -> ItemCheck:
    if not isinstance(document, Mapping):
        raise InvalidPlan("check is a table with one of: json_schema, regex, judge.")
    _only(document, "json_schema", "regex", "judge")
    if sum(bool(value) for value in document.values()) > 1:
        raise InvalidPlan("check takes one of: json_schema, regex, judge.")
    schema = document.get("json_schema")
    if schema is not None and not isinstance(schema, Mapping):
        raise InvalidPlan("json_schema is a table.")
    regex = _text(document, "regex")
    check = ItemCheck(schema, regex, _text(document, "judge"))
    try:
        checks.for_items(check)
    except checks.UnusableCheck as error:
        raise InvalidPlan(str(error)) from error
    return check


def _hybrid(document: Document, depth: int) -> Hybrid:
    _only(document, "phases")
    if depth > MAX_DEPTH:
        raise InvalidPlan(f"Hybrids stand in one another more than {MAX_DEPTH} deep.")
    phases = tuple(
        _phase(entry, f"phase {number}", depth)
        for number, entry in enumerate(_entries(document, "phases"), start=1)
    )
    _check_names([phase.name for phase in phases], "phases")
    first = phases[0].plan
    if isinstance(first, Swarm) and not first.items:
        raise InvalidPlan(f"{phases[0].name} comes first, so its items must stand in the plan.")
    return Hybrid(phases)


def _phase(entry: object, place: str, depth: int) -> Phase:
    if not isinstance(entry, Mapping):
        raise InvalidPlan(f"{place} is a table with a name and a pattern.")
    name, pattern = _name(entry, place), _text(entry, "pattern")
    if not pattern:
        raise InvalidPlan(f"{name} needs a pattern: convoy, team, cascade, swarm or hybrid.")
    rest = {key: value for key, value in entry.items() if key not in ("name", "pattern")}
    return Phase(name, _plan(pattern, rest, depth + 1))


READERS: Mapping[str, Callable[[Document], RunPlan]] = {
    "convoy": _convoy,
    "team": _team,
    "cascade": _cascade,
    "swarm": _swarm,
}


def _only(document: Document, *known: str) -> None:
    if unknown := sorted(set(document) - set(known)):
        raise InvalidPlan(f"Unknown entry {unknown[0]!r}; there are: {', '.join(known)}.")


def _entries(document: Document, name: str) -> Sequence[Any]:
    entries = document.get(name)
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise InvalidPlan(f"{name} is a list with at least one entry.")
    if len(entries) > MAX_PARTS:
        raise InvalidPlan(f"At most {MAX_PARTS} {name}; this has {len(entries)}.")
    return entries


def _parts(document: Document, name: str) -> tuple[Part, ...]:
    entries = _entries(document, name)
    parts = tuple(_part(entry, f"{name} {place}") for place, entry in enumerate(entries, start=1))
    _check_names([part.name for part in parts], name)
    return parts


def _check_names(names: Sequence[str], what: str) -> None:
    if len(set(names)) < len(names):
        raise InvalidPlan(f"Two {what} have the same name.")


def _part_or(document: Document, name: str, usual: Part) -> Part:
    """What is not said of a part that always has the same task stays as usual."""
    entry = document.get(name)
    if entry is None:
        return usual
    if not isinstance(entry, Mapping):
        raise InvalidPlan(f"{name} is a table.")
    usually = {
        "name": usual.name,
        "instructions": usual.instructions,
        "strength": usual.strength.value,
    }
    return _part({**usually, **entry}, name)


def _part(entry: object, place: str) -> Part:
    if not isinstance(entry, Mapping):
        raise InvalidPlan(f"{place} is a table with a name and instructions.")
    _only(entry, "name", "instructions", "gear", "throttle", "strength", "sends_back")
    name = _name(entry, place)
    instructions = _text(entry, "instructions")
    if len(instructions) > MAX_INSTRUCTION_CHARS:
        raise InvalidPlan(f"The instructions of {name} are longer than {MAX_INSTRUCTION_CHARS:,}.")
    throttle = entry.get("throttle")
    if throttle is not None and not (_is_whole(throttle) and 0 <= throttle <= 100):
        raise InvalidPlan(f"The throttle of {name} is a whole number from 0 to 100.")
    sends_back = entry.get("sends_back", False)
    if not isinstance(sends_back, bool):
        raise InvalidPlan(f"sends_back of {name} is true or false.")
    strength = _word(entry, "strength", Strength.ANY)
    return Part(name, instructions, _text(entry, "gear"), throttle, strength, sends_back)


def _name(entry: Document, place: str) -> str:
    name = _text(entry, "name").strip()
    if not name or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InvalidPlan(f"{place} needs a name of at most {MAX_NAME_CHARS} signs.")
    return name


def _text(document: Document, name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise InvalidPlan(f"{name} is a text.")
    return value


def _texts(document: Document, name: str) -> tuple[str, ...]:
    values = document.get(name, [])
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise InvalidPlan(f"{name} is a list of texts.")
    return tuple(values)


def _word(document: Document, name: str, usual: Word) -> Word:
    words = type(usual)
    try:
        return words(_text(document, name) or usual)
    except ValueError:
        known = ", ".join(word.value for word in words if word.value)
        raise InvalidPlan(f"{name} is one of: {known}.") from None


def _number(document: Document, name: str, usual: int, least: int, most: int) -> int:
    value = document.get(name, usual)
    if not _is_whole(value) or not least <= value <= most:
        raise InvalidPlan(f"{name} is a whole number from {least} to {most}.")
    return int(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
