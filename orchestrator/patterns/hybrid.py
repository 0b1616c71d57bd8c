"""The hybrid: phases one after the other, each a pattern of its own, given what the last wrote."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from orchestrator.patterns import cascade, convoy, swarm, team
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.patterns.places import Stage
from orchestrator.patterns.plans import Cascade, Convoy, Hybrid, Swarm, Team
from orchestrator.patterns.plans.outline import phase_path
from orchestrator.providers.vocabulary import ModelRequest

Drive = Callable[[Crew, Stage, Answer], AsyncGenerator[Event]]


async def drive_run(crew: Crew, request: ModelRequest, answer: Answer) -> AsyncGenerator[Event]:
    """A run of whatever shape its plan has."""
    if crew.run_plan is None:
        raise LookupError("A run has no plan.")
    async with aclosing(_driving(crew, Stage(crew.run_plan, request), answer)) as events:
        async for event in events:
            yield event


async def drive(crew: Crew, stage: Stage, answer: Answer) -> AsyncGenerator[Event]:
    phases = stage.plan.phases if isinstance(stage.plan, Hybrid) else ()
    before = stage.before
    for number, phase in enumerate(phases, start=1):
        is_end = number == len(phases)
        produced = answer if is_end else Answer()
        inner = replace(
            stage,
            plan=phase.plan,
            at=phase_path(stage.at, number),
            before=before,
            is_last=stage.is_last and is_end,
        )
        async with aclosing(_driving(crew, inner, produced)) as events:
            async for event in events:
                yield event
        before = ((phase.name, produced.text),)


def _driving(crew: Crew, stage: Stage, answer: Answer) -> AsyncGenerator[Event]:
    return DRIVES[type(stage.plan)](crew, stage, answer)


DRIVES: Mapping[type[Any], Drive] = {
    Convoy: convoy.drive,
    Team: team.drive,
    Cascade: cascade.drive,
    Swarm: swarm.drive,
    Hybrid: drive,
}
