"""The team: roles work on the task side by side, one merges, and one may review the result."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from orchestrator.patterns import legs, places
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.patterns.places import Place
from orchestrator.patterns.plans import TEAM, Part, Team
from orchestrator.providers.vocabulary import ModelRequest


async def drive(crew: Crew, request: ModelRequest, answer: Answer) -> AsyncGenerator[Event]:
    plan = crew.run_plan if isinstance(crew.run_plan, Team) else TEAM
    produced = {role.name: Answer() for role in plan.roles}
    driving = (
        _role(crew, Place(f"1.{number}", role, places.asked(request, role)), produced[role.name])
        for number, role in enumerate(plan.roles, start=1)
    )
    async with aclosing(places.side_by_side(driving)) as events:
        async for event in events:
            yield event
    before = [(name, each.text) for name, each in produced.items() if each.text]
    if not before:
        raise legs.LegFailed(
            "team_failed", "No role of the team produced anything.", is_partial=False
        )
    async with aclosing(_finish(crew, request, answer, plan, before)) as events:
        async for event in events:
            yield event


async def _role(crew: Crew, place: Place, answer: Answer) -> AsyncGenerator[Event]:
    """A role that fails is told and left out; the others go on."""
    try:
        async with aclosing(places.drive(crew, place, answer)) as events:
            async for event in events:
                yield event
    except legs.LegFailed:
        answer.text = ""


async def _finish(
    crew: Crew, request: ModelRequest, answer: Answer, plan: Team, before: list[tuple[str, str]]
) -> AsyncGenerator[Event]:
    last: list[Part] = [plan.merge, *([plan.review] if plan.review else [])]
    for number, part in enumerate(last, start=2):
        is_last = part is last[-1]
        produced = answer if is_last else Answer()
        place = Place(str(number), part, places.asked(request, part, *before), is_last)
        async with aclosing(places.drive(crew, place, produced)) as events:
            async for event in events:
                yield event
        before = [(part.name, produced.text)]
