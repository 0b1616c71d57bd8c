"""A crew without a database and providers that say what a test tells them to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from orchestrator.patterns.crew import (
    Answer,
    Item,
    LegRefused,
    LegResult,
    Result,
    Tally,
    Ticket,
)
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
    unaccepted: dict[str, Answer] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    given_up: dict[str, str] = field(default_factory=dict)
    pausing: asyncio.Event = field(default_factory=asyncio.Event)
    attempt: int = 1
    allowed: int = 0

    async def candidates_for(self, part: Part, request: ModelRequest) -> Sequence[Candidate]:
        return [each for each in self.candidates() if part.gear in ("", each.gear.name)]

    async def recall(self, path: str) -> Answer | None:
        return self.kept.get(path)

    async def lay_out(self, path: str, name: str, items: Sequence[str]) -> None:
        for number, given in enumerate(items, start=1):
            self.items.setdefault(f"{path}.{number}", Item(f"{path}.{number}", number, given))

    async def tally(self, path: str) -> Tally:
        return Tally(len(self.items), len(self._done()), len(self.given_up))

    def _done(self) -> list[Item]:
        return [item for item in self.items.values() if item.path in self.kept]

    async def open_items(self, path: str, after: int, most: int) -> Sequence[Item]:
        ended = {*self.kept, *self.given_up}
        waiting = [item for item in self.items.values() if item.path not in ended]
        return [item for item in waiting if item.number > after][:most]

    async def suspects(self, path: str) -> Sequence[Item]:
        return [item for item in await self.open_items(path, 0, 1_000) if item.interruptions]

    async def results(self, path: str, after: int, most: int) -> Sequence[Result]:
        done = [item for item in self._done() if item.number > after][:most]
        return [Result(item.number, item.given, self.kept[item.path].text) for item in done]

    async def accept(self, path: str) -> None:
        self.kept[path] = self.unaccepted.pop(path)

    async def give_up(self, path: str, error: str) -> None:
        self.given_up[path] = error

    def money(self) -> tuple[int, int]:
        return len(self.closed), len(self.opened) - len(self.closed)

    def is_pausing(self) -> bool:
        return self.pausing.is_set()

    def allow(self, parallel: int) -> None:
        self.allowed = parallel

    @asynccontextmanager
    async def sending(self, ticket: Ticket) -> AsyncIterator[None]:
        yield

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

    def mark_first_token(self, ticket: Ticket) -> None: ...

    async def close_leg(self, ticket: Ticket, result: LegResult) -> LegFinished:
        self.closed.append((ticket, result))
        if result.keep is not None:
            kept = self.kept if result.keep.is_accepted else self.unaccepted
            kept[result.keep.path] = replace(result.keep.answer)
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
