"""The side of a pattern that knows database, clock and chance: opens and closes its legs."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from orchestrator import runtime
from orchestrator.models import Trip
from orchestrator.patterns.crew import LegResult, Ticket
from orchestrator.patterns.events import LegFinished
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate, Plan
from orchestrator.services.database import in_thread
from orchestrator.services.driving import legs, retries

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
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _clocks: dict[str, _Clock] = field(default_factory=dict)

    def candidates(self) -> Sequence[Candidate]:
        return (self.plan.chosen, *self.plan.fallbacks)

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
