"""The lead of a team that was given no roles: names them for the task, in a checked form."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from orchestrator.patterns import checks, places
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.patterns.places import Place, Stage
from orchestrator.patterns.plans import InvalidPlan, Part, Team, from_document

MAX_ROLES = 6
FORM = (
    'Answer with JSON alone: {"roles": [{"name": "…", "instructions": "…"}]}, '
    f"with two to {MAX_ROLES} roles."
)


async def drive(crew: Crew, stage: Stage, plan: Team, answer: Answer) -> AsyncGenerator[Event]:
    asked = places.asked(stage.request, plan.lead, *stage.before)
    place = Place(f"{stage.at}0", plan.lead, replace(asked, system=f"{asked.system}\n\n{FORM}"))
    async with aclosing(places.drive(crew, place, answer)) as events:
        async for event in events:
            yield event


def roles(text: str, usual: tuple[Part, ...]) -> tuple[Part, ...]:
    """The roles a lead has named. Who does not keep to the form leads nobody: the usual ones go."""
    try:
        document = json.loads(checks.unfenced(text))
    except (ValueError, RecursionError):
        return usual
    named = document.get("roles") if isinstance(document, dict) else None
    if not isinstance(named, list):
        return usual
    kept = [
        {"name": entry.get("name"), "instructions": entry.get("instructions", "")}
        for entry in named[:MAX_ROLES]
        if isinstance(entry, dict)
    ]
    try:
        plan = from_document("team", {"roles": kept})
    except InvalidPlan:
        return usual
    return plan.roles if isinstance(plan, Team) and plan.roles else usual
