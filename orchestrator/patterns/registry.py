"""Which pattern drives which kind of trip. A new pattern is one file and one line here."""

from collections.abc import AsyncGenerator, Callable

from orchestrator.patterns import single
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Pattern

Drive = Callable[[Crew, ModelRequest, Answer], AsyncGenerator[Event]]

PATTERNS: dict[Pattern, Drive] = {Pattern.SINGLE: single.drive}


def pattern_for(pattern: Pattern) -> tuple[Pattern, Drive]:
    """The pattern that will drive: the asked one where it exists, else single."""
    chosen = pattern if pattern in PATTERNS else Pattern.SINGLE
    return chosen, PATTERNS[chosen]
