"""Which pattern drives which kind of trip. A new pattern is one file, one plan and one line."""

from collections.abc import AsyncGenerator, Callable

from orchestrator.patterns import hybrid, single
from orchestrator.patterns.crew import Answer, Crew
from orchestrator.patterns.events import Event
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Pattern

Drive = Callable[[Crew, ModelRequest, Answer], AsyncGenerator[Event]]

PATTERNS: dict[Pattern, Drive] = {
    Pattern.SINGLE: single.drive,
    Pattern.CONVOY: hybrid.drive_run,
    Pattern.TEAM: hybrid.drive_run,
    Pattern.CASCADE: hybrid.drive_run,
    Pattern.SWARM: hybrid.drive_run,
    Pattern.HYBRID: hybrid.drive_run,
}
