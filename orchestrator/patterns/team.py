"""The team: roles work on the task side by side, one merges, and one may review the result."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from orchestrator.patterns import leading, legs, places
from orchestrator.patterns.crew import PAUSING, Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.patterns.places import Place, Stage, Written
from orchestrator.patterns.plans import TEAM, Part, Team


async def drive(crew: Crew, stage: Stage, answer: Answer) -> AsyncGenerator[Event]:
    plan = stage.plan if isinstance(stage.plan, Team) else TEAM
    roles = plan.roles
    if not roles:
        named = Answer()
        async with aclosing(leading.drive(crew, stage, plan, named)) as events:
            async for event in events:
                yield event
        roles = leading.roles(named.text, TEAM.roles)
    produced = {role.name: Answer() for role in roles}
    driving = (
        _role(crew, _place(stage, number, role), produced[role.name])
        for number, role in enumerate(roles, start=1)
    )
    async with aclosing(places.side_by_side(driving)) as events:
        async for event in events:
            yield event
    before = tuple((name, each.text) for name, each in produced.items() if each.text)
    if not before:
        raise legs.LegFailed(
            "team_failed", "No role of the team produced anything.", is_partial=False
        )
    async with aclosing(_finish(crew, stage, answer, plan, before)) as events:
        async for event in events:
            yield event


def _place(stage: Stage, number: int, role: Part) -> Place:
    request = places.asked(stage.request, role, *stage.before)
    return Place(f"{stage.at}1.{number}", role, request)


async def _role(crew: Crew, place: Place, answer: Answer) -> AsyncGenerator[Event]:
    """A role that fails is told and left out; the others go on. Money to come is waited for."""
    try:
        async with aclosing(places.drive(crew, place, answer)) as events:
            async for event in events:
                yield event
    except legs.LegFailed as failure:
        if failure.code in PAUSING:
            raise
        answer.text = ""


async def _finish(
    crew: Crew, stage: Stage, answer: Answer, plan: Team, before: tuple[Written, ...]
) -> AsyncGenerator[Event]:
    last: list[Part] = [plan.merge, *([plan.review] if plan.review else [])]
    for number, part in enumerate(last, start=2):
        is_end = part is last[-1]
        produced = answer if is_end else Answer()
        request = places.asked(stage.request, part, *before)
        place = Place(f"{stage.at}{number}", part, request, stage.is_last and is_end)
        async with aclosing(places.drive(crew, place, produced)) as events:
            async for event in events:
                yield event
        before = ((part.name, produced.text),)
