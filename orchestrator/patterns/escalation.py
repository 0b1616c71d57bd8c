"""Escalation: an answer that fails its check is not shown; a stronger gear is asked instead."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import fields

from orchestrator.patterns import legs
from orchestrator.patterns.checks import Check
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event, GearShifted, Text, Thinking
from orchestrator.patterns.legs import LegFailed
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate

MAX_ESCALATIONS = 2


async def drive(
    crew: Crew, request: ModelRequest, answer: Answer, check: Check, path: str = "1"
) -> AsyncGenerator[Event]:
    """Every try is paid and told; the text of the one that passes is shown as a whole."""
    candidates = tuple(crew.candidates())
    for number in range(MAX_ESCALATIONS + 1):
        tried, withheld = Answer(), list[Event]()
        at = path if number == 0 else f"{path}.up{number}"
        async with aclosing(legs.drive(crew, request, tried, at, candidates)) as events:
            async for event in events:
                if isinstance(event, Text | Thinking):
                    withheld.append(event)
                else:
                    yield event
        problem = "" if tried.tool_calls else check(tried.text)
        candidates = stronger_than(tried.gear, candidates)
        is_last = not candidates or number == MAX_ESCALATIONS
        if problem and not is_last:
            yield GearShifted(tried.gear, candidates[0].gear.name, f"The answer: {problem}.")
            continue
        adopt(answer, tried)
        for event in withheld:
            yield event
        if problem:
            raise LegFailed(
                "check_failed",
                f"The answer of {tried.gear} did not pass its check: {problem}.",
                "Ask a stronger model, or loosen the check.",
                is_partial=True,
            )
        return


def stronger_than(gear: str, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those of a higher level, nearest first."""
    level = next((c.gear.level for c in candidates if c.gear.name == gear), 0)
    above = [candidate for candidate in candidates if candidate.gear.level > level]
    return tuple(sorted(above, key=lambda candidate: candidate.gear.level))


def adopt(answer: Answer, tried: Answer) -> None:
    for each in fields(Answer):
        setattr(answer, each.name, getattr(tried, each.name))
