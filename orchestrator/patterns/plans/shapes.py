"""What a run of several calls is to do: convoy, team, cascade, swarm, and hybrids of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_PARTS = 20
MAX_DEPTH = 3
# Over all phases of a hybrid, without the items of its swarms.
MAX_PLACES = 100
MAX_NAME_CHARS = 60
MAX_INSTRUCTION_CHARS = 20_000
MAX_ITEMS = 50_000
MAX_ITEM_CHARS = 100_000
MAX_PARALLEL = 100


class InvalidPlan(ValueError):
    """The plan cannot be driven; the message says what to change."""


class Strength(StrEnum):
    """What a place needs of its gear, where no gear is named."""

    ANY = ""
    CHEAP = "cheap"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Part:
    """One place: what it is told, and what was fixed for it by hand."""

    name: str
    instructions: str = ""
    gear: str = ""
    throttle: int | None = None
    strength: Strength = Strength.ANY
    # This step checks the one before, and may have it done again once.
    sends_back: bool = False

    @property
    def is_free(self) -> bool:
        """Nothing is fixed: the run's own decision serves this place as well."""
        return not self.gear and self.throttle is None and self.strength is Strength.ANY


LEAD = Part(
    "lead",
    "Name the two to five specialists whose separate contributions this task needs. "
    "Give each a short name and say in one or two sentences what it has to contribute.",
)
MERGE = Part(
    "merge",
    "Write one answer from the contributions, and settle where they differ.",
    strength=Strength.STRONG,
)
ITEM = Part(
    "item",
    "Do for this one item what was asked. Answer with the result alone.",
    strength=Strength.CHEAP,
)
REDUCE = Part(
    "reduce",
    "Bring the results together in one answer to what was asked.",
    strength=Strength.STRONG,
)
REVIEW = Part(
    "review",
    "Check the answer against the task, mend what is wrong, and give it whole.",
    strength=Strength.STRONG,
)


@dataclass(frozen=True, slots=True)
class Convoy:
    """Steps one after the other; what one produces is what the next is given."""

    steps: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """Roles side by side on the same task; one merges, and one may review what was merged.

    Without roles the lead names them for the task.
    """

    roles: tuple[Part, ...]
    merge: Part
    review: Part | None = None
    lead: Part = LEAD


@dataclass(frozen=True, slots=True)
class Cascade:
    """Cheap gears first; two that agree are believed, else the next is asked."""

    gears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemCheck:
    """What the answer to each item must pass. At most one of them is set."""

    json_schema: Mapping[str, Any] | None = None
    regex: str = ""
    judge: str = ""


class Combine(StrEnum):
    """How the answers to the items become one."""

    CONCATENATE = "concatenate"
    TABLE = "table"
    REDUCE = "reduce"


class Split(StrEnum):
    """How the answer of the phase before becomes the items of a swarm."""

    LINES = "lines"
    PARAGRAPHS = "paragraphs"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Swarm:
    """One instruction over many items: cheap, side by side, each checked and mended by itself.

    In a run by itself the items are handed over beside the plan. In a hybrid they stand in it, or
    come from the answer of the phase before.
    """

    each: Part = ITEM
    items: tuple[str, ...] = ()
    split: Split = Split.LINES
    parallel: int = 10
    check: ItemCheck = ItemCheck()
    retries: int = 1
    combine: Combine = Combine.CONCATENATE
    reduce: Part = REDUCE


@dataclass(frozen=True, slots=True)
class Phase:
    name: str
    plan: "RunPlan"


@dataclass(frozen=True, slots=True)
class Hybrid:
    """Phases one after the other, each a convoy, a team, a swarm or a hybrid of its own."""

    phases: tuple[Phase, ...]


RunPlan = Convoy | Team | Cascade | Swarm | Hybrid

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
    merge=MERGE,
)
HYBRID = Hybrid((Phase("work", TEAM), Phase("finish", Convoy(CONVOY.steps[-1:]))))

DEFAULTS: Mapping[str, RunPlan] = {
    "convoy": CONVOY,
    "team": TEAM,
    "cascade": Cascade(),
    "swarm": Swarm(),
    "hybrid": HYBRID,
}


def default_for(pattern: str) -> RunPlan | None:
    return DEFAULTS.get(pattern)


def pattern_of(plan: RunPlan) -> str:
    return type(plan).__name__.lower()
