"""The convoy: named steps one after the other, each given what the one before produced."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from orchestrator.patterns import places
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.patterns.places import Place
from orchestrator.patterns.plans import CONVOY, Convoy
from orchestrator.providers.vocabulary import ModelRequest


async def drive(crew: Crew, request: ModelRequest, answer: Answer) -> AsyncGenerator[Event]:
    plan = crew.run_plan if isinstance(crew.run_plan, Convoy) else CONVOY
    before: tuple[tuple[str, str], ...] = ()
    for number, step in enumerate(plan.steps, start=1):
        is_last = number == len(plan.steps)
        produced = answer if is_last else Answer()
        place = Place(str(number), step, places.asked(request, step, *before), is_last)
        async with aclosing(places.drive(crew, place, produced)) as events:
            async for event in events:
                yield event
        before = ((step.name, produced.text),)
