"""Which pattern drives which kind of trip. A new pattern is one file and one line here."""

from collections.abc import AsyncGenerator, Callable

from orchestrator.patterns import cascade, convoy, single, team
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Pattern

Drive = Callable[[Crew, ModelRequest, Answer], AsyncGenerator[Event]]

PATTERNS: dict[Pattern, Drive] = {
    Pattern.SINGLE: single.drive,
    Pattern.CONVOY: convoy.drive,
    Pattern.TEAM: team.drive,
    Pattern.CASCADE: cascade.drive,
}
