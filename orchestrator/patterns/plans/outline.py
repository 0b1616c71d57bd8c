"""The places of a plan by path: shown before anything was driven, and used to price it."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.patterns.plans.shapes import (
    Cascade,
    Convoy,
    Hybrid,
    Part,
    Phase,
    RunPlan,
    Swarm,
    Team,
)


@dataclass(frozen=True, slots=True)
class Outline:
    """One place. A swarm is one place with many calls; `lane` names the row it is shown in."""

    path: str
    part: Part
    lane: str = ""
    swarm: Swarm | None = None

    @property
    def name(self) -> str:
        return self.part.name


def places(plan: RunPlan, at: str = "", lane: str = "") -> tuple[Outline, ...]:
    """`at` is the path of the phase this plan is driven in, with its dot."""
    return tuple(_places(plan, at, lane))


def _places(plan: RunPlan, at: str, lane: str) -> Iterator[Outline]:
    match plan:
        case Convoy(steps):
            for number, step in enumerate(steps, 1):
                yield Outline(f"{at}{number}", step, lane)
        case Team():
            yield from _team_places(plan, at, lane)
        case Cascade(gears):
            for number, gear in enumerate(gears, 1):
                yield Outline(f"{at}{number}", Part(gear, gear=gear), lane)
        case Swarm():
            yield Outline(swarm_path(at), plan.each, lane, plan)
            if plan.combine == "reduce":
                yield Outline(f"{at}reduce", plan.reduce, lane)
        case Hybrid(phases):
            for number, phase in enumerate(phases, 1):
                yield from _places(phase.plan, phase_path(at, number), _lane(lane, phase))


def _team_places(plan: Team, at: str, lane: str) -> Iterator[Outline]:
    if not plan.roles:
        yield Outline(f"{at}0", plan.lead, lane)
    for number, role in enumerate(plan.roles, 1):
        yield Outline(f"{at}1.{number}", role, lane)
    for number, part in enumerate([plan.merge, *([plan.review] if plan.review else [])], 2):
        yield Outline(f"{at}{number}", part, lane)


def _lane(lane: str, phase: Phase) -> str:
    return f"{lane} / {phase.name}" if lane else phase.name


def phase_path(at: str, number: int) -> str:
    """The places of a phase come after a letter, so that no step of it looks like another's."""
    return f"{at}p{number}."


def swarm_path(at: str) -> str:
    return f"{at}items"
