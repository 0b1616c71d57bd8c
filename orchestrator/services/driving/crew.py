"""The side of a pattern that knows database, clock and chance: opens and closes its legs."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from orchestrator import runtime
from orchestrator.models import Trip
from orchestrator.patterns.crew import Answer, LegResult, Ticket
from orchestrator.patterns.events import LegFinished
from orchestrator.patterns.legs import LegFailed
from orchestrator.patterns.plans import Part, RunPlan
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate, Plan, Refusal
from orchestrator.services.database import in_thread
from orchestrator.services.driving import legs, planning, retries, steps, trips
from orchestrator.services.driving.requests import TripRequest

random_fraction = random.Random().random  # noqa: S311  # jitter, nothing secret


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
    _clocks: dict[str, _Clock] = field(default_factory=dict)

    def candidates(self) -> Sequence[Candidate]:
        return (self.plan.chosen, *self.plan.fallbacks)

    async def candidates_for(self, part: Part, request: ModelRequest) -> Sequence[Candidate]:
        """The trip's own decision, unless the part fixes a gear or throttle of its own."""
        if not part.gear and part.throttle is None:
            return self.candidates()
        decision = await in_thread(self._decide, part)
        if isinstance(decision, Refusal):
            raise LegFailed(
                decision.kind.value, decision.message, decision.next_step, is_partial=False
            )
        return (decision.chosen, *decision.fallbacks)

    def _decide(self, part: Part) -> Plan | Refusal:
        fixed = replace(self.request.overrides, gear=part.gear)
        if part.throttle is not None:
            fixed = replace(fixed, throttle=part.throttle)
        wanted = replace(self.request, overrides=fixed)
        seed = f"{self.trip.pk} {part.name}"
        return planning.decide(trips.caller_of(self.trip), wanted, seed=seed)

    async def recall(self, path: str) -> Answer | None:
        return await in_thread(steps.recall, self.trip.pk, path)

    async def remember(self, path: str, name: str, answer: Answer) -> None:
        await in_thread(steps.remember, self.trip.pk, path, name, answer)

    async def open_leg(
        self, path: str, candidate: Candidate, attempt: int, request: ModelRequest
    ) -> Ticket:
        if attempt == 1:
            retries.earn()
        opened = await in_thread(legs.open_leg, self.trip, path, candidate, attempt, request)
        return Ticket(
            leg=str(opened.leg_id),
            candidate=candidate,
            attempt=attempt,
            provider=runtime.client(opened.spec),
            request=opened.request,
            timeouts=opened.timeouts,
        )

    async def mark_sent(self, ticket: Ticket) -> None:
        await in_thread(legs.mark_sent, UUID(ticket.leg))
        self._clocks[ticket.leg] = _Clock(sent_at=time.monotonic())

    def mark_first_token(self, ticket: Ticket) -> None:
        self._clocks[ticket.leg].first_token_at = time.monotonic()

    async def close_leg(self, ticket: Ticket, result: LegResult) -> LegFinished:
        clock = self._clocks.pop(ticket.leg, None)
        return await in_thread(
            legs.close_leg,
            UUID(ticket.leg),
            ticket.candidate,
            ticket.request,
            result,
            _timing(clock),
        )

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
