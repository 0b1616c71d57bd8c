"""The convoy: named steps one after the other, each given what the one before produced.

A step that checks may send the work back once: the step before does it again, and it checks again.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from orchestrator.patterns import places
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event, Text
from orchestrator.patterns.places import Place, Stage, Written
from orchestrator.patterns.plans import CONVOY, Convoy

SENT_BACK = "SEND BACK"
MAY_SEND_BACK = (
    f"If the work has to be done again, answer with a first line that says {SENT_BACK} and below "
    "it what has to change, and nothing else. If not, give the checked result whole."
)


@dataclass(frozen=True, slots=True)
class Driven:
    """The step before the one that is driven now: where it stands, and what it wrote."""

    place: Place
    written: Written


async def drive(crew: Crew, stage: Stage, answer: Answer) -> AsyncGenerator[Event]:
    steps = stage.plan.steps if isinstance(stage.plan, Convoy) else CONVOY.steps
    given = stage.before
    last: Driven | None = None
    for number, step in enumerate(steps, start=1):
        is_end = number == len(steps)
        produced = answer if is_end else Answer()
        request = places.asked(stage.request, step, *given)
        place = Place(f"{stage.at}{number}", step, request, stage.is_last and is_end)
        if step.sends_back and last is not None:
            driving = _check(crew, stage, place, last, produced)
        else:
            driving = places.drive(crew, place, produced)
        async with aclosing(driving) as events:
            async for event in events:
                yield event
        last = Driven(place, (step.name, produced.text))
        given = (last.written,)


async def _check(
    crew: Crew, stage: Stage, place: Place, last: Driven, produced: Answer
) -> AsyncGenerator[Event]:
    """What the checking step writes is shown only when it is the result."""
    first = Answer()
    system = f"{place.request.system}\n\n{MAY_SEND_BACK}"
    asking = replace(place, is_last=False, request=replace(place.request, system=system))
    async with aclosing(places.drive(crew, asking, first)) as events:
        async for event in events:
            yield event
    note = sent_back(first.text)
    if note is None:
        places.adopt(produced, first)
        if place.is_last and first.text:
            yield Text(place.path, first.text)
        return
    async with aclosing(_again(crew, stage, place, last, note, produced)) as events:
        async for event in events:
            yield event


async def _again(
    crew: Crew, stage: Stage, place: Place, last: Driven, note: str, produced: Answer
) -> AsyncGenerator[Event]:
    redone = Answer()
    notes = (("your result", last.written[1]), ("what has to change", note))
    redo = Place(
        f"{last.place.path}.again",
        last.place.part,
        places.asked(last.place.request, replace(last.place.part, instructions=""), *notes),
    )
    async with aclosing(places.drive(crew, redo, redone)) as events:
        async for event in events:
            yield event
    request = places.asked(stage.request, place.part, (last.written[0], redone.text))
    check = replace(place, path=f"{place.path}.again", request=request)
    async with aclosing(places.drive(crew, check, produced)) as events:
        async for event in events:
            yield event


def sent_back(text: str) -> str | None:
    """What has to change, or None where the work was not sent back."""
    first, _, rest = text.strip().partition("\n")
    word = first.strip(" *#.:").upper()
    if not word.startswith(SENT_BACK):
        return None
    return " ".join((first.strip(" *#.:")[len(SENT_BACK) :].strip(" :.-"), rest.strip())).strip()
