"""What a run of several legs is to do: a convoy, a team, a cascade, described as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_PARTS = 20
MAX_NAME_CHARS = 60
MAX_INSTRUCTION_CHARS = 20_000


class InvalidPlan(ValueError):
    """The plan cannot be driven; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Part:
    """One place: what it is told, and what was fixed for it by hand."""

    name: str
    instructions: str = ""
    gear: str = ""
    throttle: int | None = None


@dataclass(frozen=True, slots=True)
class Convoy:
    """Steps one after the other; what one produces is what the next is given."""

    steps: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """Roles side by side on the same task; one merges, and one may review what was merged."""

    roles: tuple[Part, ...]
    merge: Part
    review: Part | None = None


@dataclass(frozen=True, slots=True)
class Cascade:
    """Cheap gears first; two that agree are believed, else the next is asked."""

    gears: tuple[str, ...] = ()


RunPlan = Convoy | Team | Cascade

CONVOY = Convoy(
    (
        Part("plan", "Say in a few numbered points how to do this task well. Do not do it yet."),
        Part("do", "Do the task, following the points."),
        Part("check", "Check the result against the task, mend what is wrong, and give it whole."),
    )
)
TEAM = Team(
    roles=(
        Part("solver", "Solve the task completely."),
        Part("critic", "Name what is easily got wrong in this task, and how to get it right."),
        Part("user", "Say what the person who asked needs to find in the answer to be helped."),
    ),
    merge=Part("merge", "Write one answer from the contributions, and settle where they differ."),
)


DEFAULTS: Mapping[str, RunPlan] = {"convoy": CONVOY, "team": TEAM, "cascade": Cascade()}


def default_for(pattern: str) -> RunPlan | None:
    return DEFAULTS.get(pattern)


def from_document(pattern: str, document: Mapping[str, Any]) -> RunPlan:
    match pattern:
        case "convoy":
            return _convoy(document)
        case "team":
            return _team(document)
        case "cascade":
            return _cascade(document)
    raise InvalidPlan(f"There is no plan for the pattern {pattern!r}.")


def _convoy(document: Mapping[str, Any]) -> Convoy:
    _only(document, "steps")
    return Convoy(_parts(document, "steps"))


def _team(document: Mapping[str, Any]) -> Team:
    _only(document, "roles", "merge", "review")
    merge = document.get("merge")
    review = document.get("review")
    return Team(
        _parts(document, "roles"),
        _part(merge, "merge") if merge is not None else TEAM.merge,
        _part(review, "review") if review is not None else None,
    )


def _cascade(document: Mapping[str, Any]) -> Cascade:
    _only(document, "gears")
    gears = document.get("gears", [])
    if not isinstance(gears, list) or not all(isinstance(name, str) for name in gears):
        raise InvalidPlan("gears is a list of names.")
    if len(gears) > MAX_PARTS:
        raise InvalidPlan(f"At most {MAX_PARTS} gears; this names {len(gears)}.")
    return Cascade(tuple(gears))


def _only(document: Mapping[str, Any], *known: str) -> None:
    if unknown := sorted(set(document) - set(known)):
        raise InvalidPlan(f"Unknown entry {unknown[0]!r}; there are: {', '.join(known)}.")


def _parts(document: Mapping[str, Any], name: str) -> tuple[Part, ...]:
    entries = document.get(name)
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise InvalidPlan(f"{name} is a list with at least one entry.")
    if len(entries) > MAX_PARTS:
        raise InvalidPlan(f"At most {MAX_PARTS} {name}; this has {len(entries)}.")
    parts = tuple(_part(entry, f"{name} {place}") for place, entry in enumerate(entries, start=1))
    if len({part.name for part in parts}) < len(parts):
        raise InvalidPlan(f"Two {name} have the same name.")
    return parts


def _part(entry: object, place: str) -> Part:
    if not isinstance(entry, Mapping):
        raise InvalidPlan(f"{place} is a table with a name and instructions.")
    _only(entry, "name", "instructions", "gear", "throttle")
    name = str(entry.get("name", "")).strip()
    if not name or len(name) > MAX_NAME_CHARS:
        raise InvalidPlan(f"{place} needs a name of at most {MAX_NAME_CHARS} signs.")
    instructions = str(entry.get("instructions", ""))
    if len(instructions) > MAX_INSTRUCTION_CHARS:
        raise InvalidPlan(f"The instructions of {name} are longer than {MAX_INSTRUCTION_CHARS:,}.")
    throttle = entry.get("throttle")
    if throttle is not None and not (isinstance(throttle, int) and 0 <= throttle <= 100):
        raise InvalidPlan(f"The throttle of {name} is a whole number from 0 to 100.")
    return Part(name, instructions, str(entry.get("gear", "")), throttle)


@dataclass(frozen=True, slots=True)
class Outline:
    """The places of a plan by path, as they are shown before anything was driven."""

    path: str
    name: str
    part: Part = field(default_factory=lambda: Part(""))


def outline(plan: RunPlan) -> tuple[Outline, ...]:
    match plan:
        case Convoy(steps):
            return tuple(Outline(str(n), step.name, step) for n, step in enumerate(steps, 1))
        case Team(roles, merge, review):
            last = [merge] if review is None else [merge, review]
            sides = [Outline(f"1.{n}", role.name, role) for n, role in enumerate(roles, 1)]
            return (*sides, *(Outline(str(n), part.name, part) for n, part in enumerate(last, 2)))
        case Cascade(gears):
            return tuple(
                Outline(str(n), gear, Part(gear, gear=gear)) for n, gear in enumerate(gears, 1)
            )
