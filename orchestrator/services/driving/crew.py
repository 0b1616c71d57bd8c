"""The side of a pattern that knows database, clock and chance: opens and closes its legs."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from orchestrator import runtime
from orchestrator.models import Trip
from orchestrator.patterns.crew import Answer, Item, LegRefused, LegResult, Result, Tally, Ticket
from orchestrator.patterns.events import LegFinished
from orchestrator.patterns.items import CRASH_LOOP, MAX_INTERRUPTIONS
from orchestrator.patterns.legs import LegFailed, Stopped
from orchestrator.patterns.plans import Part, RunPlan
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate, Plan, Refusal
from orchestrator.services.database import in_thread
from orchestrator.services.driving import gates, legs, planning, retries, steps, trips
from orchestrator.services.driving.planning import World
from orchestrator.services.driving.purses import Purse
from orchestrator.services.driving.requests import TripRequest

random_fraction = random.Random().random  # noqa: S311  # jitter, nothing secret
# How long a question that a person waits for is kept back by a provider's rate.
CHAT_PATIENCE_S = 10.0


@dataclass(slots=True)
class _Clock:
    sent_at: float
    first_token_at: float | None = None


@dataclass(slots=True)
class TripCrew:
    """Implements `patterns.crew.Crew` for one trip."""

    trip: Trip
    plan: Plan
    request: TripRequest
    run_plan: RunPlan | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    pausing: asyncio.Event = field(default_factory=asyncio.Event)
    purse: Purse = field(default_factory=lambda: Purse(None))
    # What the trip itself was decided in; good for places that begin at once.
    world: World | None = None
    _clocks: dict[str, _Clock] = field(default_factory=dict)
    _side_by_side: asyncio.Semaphore | None = None

    @property
    def attempt(self) -> int:
        return self.trip.attempts

    def candidates(self) -> Sequence[Candidate]:
        return (self.plan.chosen, *self.plan.fallbacks)

    async def candidates_for(self, part: Part, request: ModelRequest) -> Sequence[Candidate]:
        """The trip's own decision, unless the part asks for one of its own."""
        if planning.for_part(self.request, part) == self.request:
            return self.candidates()
        decision = await in_thread(self._decide, part)
        if isinstance(decision, Refusal):
            raise LegFailed(
                decision.kind.value, decision.message, decision.next_step, is_partial=False
            )
        return (decision.chosen, *decision.fallbacks)

    def _decide(self, part: Part) -> Plan | Refusal:
        wanted, caller = planning.for_part(self.request, part), trips.caller_of(self.trip)
        if self.world is None or not self.world.is_fresh:
            self.world = planning.world(caller)
        seed = f"{self.trip.pk} {part.name}"
        return planning.decide(caller, wanted, seed=seed, within=self.world)

    async def recall(self, path: str) -> Answer | None:
        if self.is_pausing():
            raise Stopped
        answer = await in_thread(steps.recall, self.trip.pk, path)
        if answer is None and self.trip.attempts > 1:
            died = await in_thread(steps.interruptions, self.trip.pk)
            if died[path] >= MAX_INTERRUPTIONS:
                raise LegFailed("crash_loop", CRASH_LOOP, is_partial=False)
        return answer

    async def lay_out(self, path: str, name: str, items: Sequence[str]) -> None:
        await in_thread(steps.lay_out, self.trip.pk, steps.Items(path, name, items))

    async def tally(self, path: str) -> Tally:
        return await in_thread(steps.tally, self.trip.pk, path)

    async def open_items(self, path: str, after: int, most: int) -> Sequence[Item]:
        return await in_thread(steps.open_items, self.trip.pk, path, after, most)

    async def suspects(self, path: str) -> Sequence[Item]:
        if self.trip.attempts <= 1:
            return ()
        return await in_thread(steps.suspects, self.trip.pk, path)

    async def results(self, path: str, after: int, most: int) -> Sequence[Result]:
        return await in_thread(steps.results, self.trip.pk, path, after, most)

    async def accept(self, path: str) -> None:
        await in_thread(steps.accept, self.trip.pk, path)

    async def give_up(self, path: str, error: str) -> None:
        await in_thread(steps.give_up, self.trip.pk, path, error)

    def money(self) -> tuple[int, int]:
        return self.purse.spent_nano, self.purse.held_nano

    def is_pausing(self) -> bool:
        return self.pausing.is_set()

    def allow(self, parallel: int) -> None:
        self._side_by_side = asyncio.Semaphore(parallel)

    async def open_leg(
        self, path: str, candidate: Candidate, attempt: int, request: ModelRequest
    ) -> Ticket:
        if attempt == 1:
            retries.earn()
        key = f"{path} {attempt}"
        await self.purse.hold(key, candidate.reserve_nano or 0)
        beginning = asyncio.ensure_future(
            self._begin(legs.Opening(self.trip, path, candidate, attempt, request))
        )
        try:
            opened = await asyncio.shield(beginning)
        except (LegRefused, Stopped):
            await self.purse.release(key)
            raise
        except asyncio.CancelledError:
            await self._undo(beginning, candidate, key)
            raise
        ticket = Ticket(
            leg=str(opened.leg_id),
            candidate=candidate,
            attempt=attempt,
            provider=runtime.client(opened.spec),
            request=opened.request,
            timeouts=opened.timeouts,
        )
        self.purse.rename(key, ticket.leg)
        return ticket

    async def _undo(
        self, beginning: "asyncio.Future[legs.Opened]", candidate: Candidate, key: str
    ) -> None:
        """Whoever leaves while a call is being written down leaves no open row behind."""
        with suppress(LegRefused, Stopped):
            opened = await beginning
            result = LegResult(usage=None, delivered_chars=0, is_stopped=True, was_sent=False)
            leg, trip = opened.leg_id, self.trip.pk
            await legs.end(
                legs.Ending(
                    leg, trip, candidate, opened.request, result, _timing(None), opened.spec
                )
            )
        await self.purse.release(key)

    async def _begin(self, opening: legs.Opening) -> legs.Opened:
        """A run waits for the provider's rate as long as it takes, a person's question a while."""
        is_run = self.run_plan is not None
        waited_s = 0.0
        while True:
            try:
                return await legs.begin(opening)
            except legs.Paced as paced:
                waited_s += paced.wait_s
                if not is_run and waited_s > CHAT_PATIENCE_S:
                    raise LegRefused(
                        "rate_limit",
                        f"{opening.candidate.gear.provider} takes no more calls for "
                        f"{paced.wait_s:.0f} s.",
                        "Send it again later, or use another gear.",
                        can_shift=True,
                    ) from paced
                await self.pause(paced.wait_s)
                if self.stop.is_set():
                    raise Stopped from paced

    @asynccontextmanager
    async def sending(self, ticket: Ticket) -> AsyncGenerator[None]:
        async with AsyncExitStack() as places:
            if self._side_by_side is not None:
                await places.enter_async_context(self._side_by_side)
            is_run = self.run_plan is not None
            provider = ticket.candidate.gear.provider
            await places.enter_async_context(gates.through(provider, is_run=is_run))
            if self.stop.is_set():
                raise Stopped
            await legs.send(legs.Sending(UUID(ticket.leg)))
            self._clocks[ticket.leg] = _Clock(sent_at=time.monotonic())
            yield

    def mark_first_token(self, ticket: Ticket) -> None:
        self._clocks[ticket.leg].first_token_at = time.monotonic()

    async def close_leg(self, ticket: Ticket, result: LegResult) -> LegFinished:
        timing = _timing(self._clocks.pop(ticket.leg, None))
        leg, trip, spec = UUID(ticket.leg), self.trip.pk, ticket.provider.spec
        finished = await legs.end(
            legs.Ending(leg, trip, ticket.candidate, ticket.request, result, timing, spec)
        )
        await self.purse.release(ticket.leg, finished.cost_nano)
        return finished

    async def pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)

    def may_retry(self) -> bool:
        return retries.take()

    def seconds_left(self) -> float:
        return (self.trip.deadline_at - datetime.now(UTC)).total_seconds()

    def random(self) -> float:
        return random_fraction()


def _timing(clock: _Clock | None) -> legs.Timing:
    if clock is None:
        return legs.Timing(seconds=0.0, first_token_s=None)
    first = clock.first_token_at
    return legs.Timing(
        seconds=time.monotonic() - clock.sent_at,
        first_token_s=None if first is None else first - clock.sent_at,
    )
