"""The cascade: cheap gears are asked first; two that agree are believed, else the next is asked."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from orchestrator.patterns import legs, places
from orchestrator.patterns.crew import PAUSING, Answer, Crew
from orchestrator.patterns.events import Event, Text
from orchestrator.patterns.places import Place, Stage
from orchestrator.patterns.plans import Cascade, Part
from orchestrator.routing.types import Candidate

MOST_ASKED = 4
# Answers longer than this never agree word for word, however right both are.
COMPARED_CHARS = 2_000
SHARED_WORDS = 0.8


async def drive(crew: Crew, stage: Stage, answer: Answer) -> AsyncGenerator[Event]:
    gears = stage.plan.gears if isinstance(stage.plan, Cascade) else ()
    names = list(gears) or cheapest(crew.candidates())
    heard: list[Answer] = []
    for number, name in enumerate(names, start=1):
        produced = Answer()
        try:
            part = Part(name, gear=name)
            request = places.asked(stage.request, part, *stage.before)
            place = Place(f"{stage.at}{number}", part, request)
            async with aclosing(places.drive(crew, place, produced)) as events:
                async for event in events:
                    yield event
        except legs.LegFailed as failure:
            if failure.code in PAUSING or (number == len(names) and not heard):
                raise
            continue
        is_agreed = any(agree(produced.text, other.text) for other in heard)
        heard.append(produced)
        if is_agreed:
            break
    # two agreed, or the strongest that was asked has the last word
    places.adopt(answer, heard[-1])
    if stage.is_last:
        yield Text(f"{stage.at}answer", answer.text)


def cheapest(candidates: Sequence[Candidate]) -> list[str]:
    """The gears that are asked where the plan names none, the cheapest first."""
    in_order = sorted(candidates, key=lambda each: (each.cost_nano or 0, each.gear.level))
    return [candidate.gear.name for candidate in in_order][:MOST_ASKED]


def agree(one: str, other: str) -> bool:
    """Whether two answers say the same: the same words for the most part, and the same numbers."""
    first, second = _words(one), _words(other)
    if not first or not second or max(len(one), len(other)) > COMPARED_CHARS:
        return False
    shared = len(first & second) / len(first | second)
    return _numbers(first) == _numbers(second) and shared >= SHARED_WORDS


def _numbers(words: set[str]) -> set[str]:
    return {word for word in words if word.isdigit()}


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
