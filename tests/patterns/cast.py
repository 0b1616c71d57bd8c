"""A crew without a database and providers that say what a test tells them to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from orchestrator.patterns.crew import Answer, LegRefused, LegResult, Ticket
from orchestrator.patterns.events import LegFinished
from orchestrator.patterns.plans import Part, RunPlan
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.errors import ProviderError
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    Finished,
    ModelRequest,
    ProviderEvent,
    StopReason,
    TextDelta,
    Usage,
)
from orchestrator.routing.types import FREE, Candidate, GearSpec, ReasoningSetting

WHOLE = (TextDelta("Hello "), TextDelta("world"), Finished(StopReason.END, Usage(3, 2)))
Step = ProviderEvent | ProviderError | asyncio.Event


@dataclass
class ScriptedProvider:
    """Each call plays the next script; an Event in it waits until the test sets it."""

    scripts: list[Sequence[Step]]
    spec: ProviderSpec = field(default_factory=lambda: ProviderSpec("scripted", "demo"))
    calls: int = 0
    open_streams: int = 0

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        self.calls += 1
        self.open_streams += 1
        try:
            for step in self.scripts.pop(0):
                if isinstance(step, ProviderError):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        finally:
            self.open_streams -= 1

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        return ()

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...


def candidate(name: str, level: int = 1) -> Candidate:
    gear = GearSpec(name, level, name, f"{name}-model", FREE, 32_000, 4_096)
    setting = ReasoningSetting(50, None, None, 1_000, None, 1.0)
    return Candidate(gear, 0.9, 0, 0, 1.0, setting)


@dataclass
class PaperCrew:
    """Writes down what was opened and closed instead of holding money."""

    providers: dict[str, ScriptedProvider]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    refusals: dict[str, LegRefused] = field(default_factory=dict)
    closed: list[tuple[Ticket, LegResult]] = field(default_factory=list)
    opened: list[Ticket] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    allows_retries: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    run_plan: RunPlan | None = None
    kept: dict[str, Answer] = field(default_factory=dict)

    async def candidates_for(self, part: Part, request: ModelRequest) -> Sequence[Candidate]:
        return [each for each in self.candidates() if part.gear in ("", each.gear.name)]

    async def recall(self, path: str) -> Answer | None:
        return self.kept.get(path)

    async def remember(self, path: str, name: str, answer: Answer) -> None:
        self.kept[path] = answer

    def candidates(self) -> Sequence[Candidate]:
        return [candidate(name) for name in self.providers]

    async def open_leg(
        self, path: str, candidate: Candidate, attempt: int, request: ModelRequest
    ) -> Ticket:
        name = candidate.gear.name
        if name in self.refusals:
            raise self.refusals[name]
        ticket = Ticket(
            f"{path}.{attempt}",
            candidate,
            attempt,
            self.providers[name],
            replace(request, model_id=candidate.gear.model_id),
            self.timeouts,
        )
        self.opened.append(ticket)
        return ticket

    async def mark_sent(self, ticket: Ticket) -> None: ...

    def mark_first_token(self, ticket: Ticket) -> None: ...

    async def close_leg(self, ticket: Ticket, result: LegResult) -> LegFinished:
        self.closed.append((ticket, result))
        state = "failed" if result.error else "stopped" if result.is_stopped else "done"
        return LegFinished(
            ticket.leg,
            state,
            ticket.candidate.gear.name,
            result.usage or Usage(),
            0,
            "demo",
            0,
            None,
        )

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def may_retry(self) -> bool:
        return self.allows_retries

    def seconds_left(self) -> float:
        return 600.0

    def random(self) -> float:
        return 0.5
