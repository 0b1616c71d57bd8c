"""The single pattern: one answer from one gear, with the clutch behind it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from orchestrator.patterns import checks, escalation, legs
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.providers.vocabulary import ModelRequest


async def drive(crew: Crew, request: ModelRequest, answer: Answer) -> AsyncGenerator[Event]:
    """A program that asked for JSON gets it whole and right, or from a stronger gear."""
    if request.json_schema is None:
        driving = legs.drive(crew, request, answer)
    else:
        check = _check(request.json_schema)
        driving = escalation.drive(crew, request, answer, check)
    async with aclosing(driving) as events:
        async for event in events:
            yield event


def _check(schema: Mapping[str, Any]) -> checks.Check:
    try:
        return checks.matches_schema(schema)
    except checks.UnusableCheck as error:
        raise legs.LegFailed("bad_request", str(error), "Mend it.", is_partial=False) from error
