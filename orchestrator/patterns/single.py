"""The single pattern: one answer from one gear, with the clutch behind it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from orchestrator.patterns import legs
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.providers.vocabulary import ModelRequest


async def drive(crew: Crew, request: ModelRequest, answer: Answer) -> AsyncGenerator[Event]:
    async with aclosing(legs.drive(crew, request, answer)) as events:
        async for event in events:
            yield event
