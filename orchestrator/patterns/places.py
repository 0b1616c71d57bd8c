"""One place of a larger pattern: remembered if it was driven before, else driven and kept."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace

from orchestrator.patterns import legs
from orchestrator.patterns.crew import PAUSING, Answer, Crew
from orchestrator.patterns.events import Event, StepMoved, StepState, Text, Thinking, ToolCall
from orchestrator.patterns.legs import Keeping
from orchestrator.patterns.plans import Part, RunPlan
from orchestrator.providers.vocabulary import Message, ModelRequest, TextPart

# What a place wrote, after the name it is shown under to whoever comes next.
Written = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A plan as it is driven: by itself, or as a phase of a larger one.

    `at` begins the paths of its places; `before` is what the phase before has written. Only the
    last stage speaks to the person.
    """

    plan: RunPlan
    request: ModelRequest
    at: str = ""
    before: tuple[Written, ...] = ()
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """`is_last` marks the place whose text is the answer of the whole run."""

    path: str
    part: Part
    request: ModelRequest
    is_last: bool = False


async def drive(crew: Crew, place: Place, answer: Answer) -> AsyncGenerator[Event]:
    name = place.part.name
    try:
        kept = await crew.recall(place.path)
        if kept is not None:
            adopt(answer, kept)
            yield StepMoved(place.path, name, "done", kept.gear)
            if place.is_last and kept.text:
                yield Text(place.path, kept.text)
            return
        yield StepMoved(place.path, name, "driving")
        async with aclosing(_driven(crew, place, answer)) as events:
            async for event in events:
                yield event
    except legs.LegFailed as failure:
        state: StepState = "held" if failure.code in PAUSING else "failed"
        yield StepMoved(place.path, name, state, error=failure.message)
        raise
    yield StepMoved(place.path, name, "done", answer.gear, answer.text)


async def _driven(crew: Crew, place: Place, answer: Answer) -> AsyncGenerator[Event]:
    """Only the last place speaks to the person; what others write is kept with their step."""
    candidates = await crew.candidates_for(place.part, place.request)
    keeping = Keeping(place.path, place.part.name, given=place.request.messages[-1].text)
    driving = legs.drive(crew, place.request, answer, place.path, candidates, keeping)
    async with aclosing(driving) as events:
        async for event in events:
            if place.is_last or not isinstance(event, Text | Thinking | ToolCall):
                yield event


def adopt(answer: Answer, kept: Answer) -> None:
    answer.text, answer.gear, answer.stop_reason = kept.text, kept.gear, kept.stop_reason


def asked(request: ModelRequest, part: Part, *before: Written) -> ModelRequest:
    """The task as one place is given it: its own instructions, and what others wrote before it.

    What models wrote travels in the message, marked as such; instructions in the system prompt.
    """
    system = "\n\n".join(filter(None, (request.system, part.instructions)))
    if not before:
        return replace(request, system=system)
    shown = "\n\n".join(f"<{name}>\n{text}\n</{name}>" for name, text in before)
    last = request.messages[-1]
    given = Message("user", (*last.parts, TextPart(f"What was worked out so far:\n\n{shown}")))
    return replace(request, system=system, messages=(*request.messages[:-1], given))


async def side_by_side(driving: Iterable[AsyncGenerator[Event]]) -> AsyncGenerator[Event]:
    """The events of several places as they come. Each ends by itself; leaving ends them all."""
    queue: asyncio.Queue[Event | None] = asyncio.Queue()

    async def pump(events: AsyncGenerator[Event]) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    queue.put_nowait(event)
        finally:
            queue.put_nowait(None)

    tasks = [asyncio.create_task(pump(events)) for events in driving]
    running = len(tasks)
    try:
        while running:
            event = await queue.get()
            if event is None:
                running -= 1
            else:
                yield event
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
