"""Driving one trip: claim and plan, drive without a transaction, settle. Every face comes here."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.db import Error

from orchestrator.models import Trip
from orchestrator.patterns import registry
from orchestrator.patterns.crew import Answer
from orchestrator.patterns.events import Event, GaugeMoved, Routed, TripFinished
from orchestrator.patterns.legs import LegFailed, Stopped
from orchestrator.patterns.plans import RunPlan
from orchestrator.routing.types import Plan, Refusal, RefusalKind
from orchestrator.services.database import in_thread
from orchestrator.services.driving import (
    bulletins,
    classifier,
    leases,
    planning,
    requests,
    stops,
    trips,
)
from orchestrator.services.driving.crew import TripCrew
from orchestrator.services.driving.event_log import TripLog, announce
from orchestrator.services.driving.receipts import receipt_document
from orchestrator.services.driving.trips import Ending
from orchestrator.services.money import gauges
from orchestrator.services.setup import options


@dataclass(frozen=True, slots=True)
class Claim:
    trip: Trip
    request: requests.TripRequest
    decision: Plan | Refusal
    run_plan: RunPlan | None = None


def claim(trip_id: UUID, owner: str) -> Claim | None:
    """Plan first, then take the trip: the write lock is never held while deciding."""
    trip = Trip.objects.select_related("payload").filter(pk=trip_id).first()
    if trip is None or trip.state != Trip.State.QUEUED:
        return None
    caller = trips.caller_of(trip)
    request = requests.from_document(trip.payload.request)
    run_plan = None
    try:
        request = planning.complete(caller, request)
        decision = planning.decide(caller, request, seed=str(trip.pk))
        if isinstance(decision, Plan):
            run_plan = requests.run_plan(decision.pattern, request)
    except requests.RequestRefused as refused:
        decision = Refusal(RefusalKind.UNKNOWN_NAME, str(refused), "")
    if not trips.take(trip, owner, decision):
        return None
    trip.refresh_from_db()
    return Claim(trip, request, decision, run_plan)


async def drive(trip_id: UUID, owner: str, log: TripLog | None = None) -> AsyncGenerator[Event]:
    """Yield what happens until the trip has ended; nothing when somebody else drives it."""
    await _classify(trip_id)
    claimed = await in_thread(claim, trip_id, owner)
    if claimed is None:
        return
    journey = _Journey(claimed, owner, log)
    stops.register(trip_id, journey.stop)
    if claimed.trip.cancel_requested_at is not None:
        journey.stop.set()
    heart = asyncio.create_task(journey.beat())
    try:
        async with aclosing(journey.events()) as events:
            async for event in events:
                if log is not None and not isinstance(event, TripFinished):
                    await log.add(event)
                yield event
    finally:
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        stops.forget(trip_id)
        if not journey.has_ended:  # the listener left or the loop is closing
            await asyncio.shield(journey.end(Ending("stopped", journey.answer)))


async def _classify(trip_id: UUID) -> None:
    """Where a classifier is set up, let it help before the decision; it never blocks one."""
    if await in_thread(options.get, "classifier"):
        trip = await in_thread(Trip.objects.select_related("payload").filter(pk=trip_id).first)
        if trip is not None:
            await classifier.consult(requests.from_document(trip.payload.request).text)


@dataclass(slots=True)
class _Journey:
    claimed: Claim
    owner: str
    log: TripLog | None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Answer = field(default_factory=Answer)
    has_ended: bool = False

    @property
    def trip(self) -> Trip:
        return self.claimed.trip

    async def events(self) -> AsyncGenerator[Event]:
        decision = self.claimed.decision
        news = {"kind": bulletins.STARTED, "trip": str(self.trip.pk)}
        await bulletins.post(self.trip.user_id, news)
        yield Routed(receipt_document(decision))
        if isinstance(decision, Refusal):
            ending = Ending(
                "failed", self.answer, decision.kind.value, decision.message, decision.next_step
            )
        else:
            try:
                async with aclosing(self._driving(decision)) as events:
                    async for event in events:
                        yield event
                ending = Ending("done", self.answer)
            except Stopped:
                ending = self._stopped()
            except LegFailed as failure:
                ending = Ending(
                    "failed", self.answer, failure.code, failure.message, failure.next_step
                )
        gauge = await in_thread(gauges.for_user_id, self.trip.user_id, currency=self.trip.currency)
        yield GaugeMoved({**gauge} if gauge else {})
        last = await self.end(ending)
        if last is not None:
            yield last

    async def _driving(self, plan: Plan) -> AsyncGenerator[Event]:
        request = self.claimed.request
        crew = TripCrew(self.trip, plan, request, self.claimed.run_plan, self.stop)
        driving = registry.PATTERNS[plan.pattern](crew, request.for_model(), self.answer)
        async with aclosing(driving) as events:
            async for event in events:
                yield event

    def _stopped(self) -> Ending:
        if not stops.is_closing():
            return Ending("stopped", self.answer)
        return Ending("stalled", self.answer, *trips.INTERRUPTED)

    async def end(self, ending: Ending) -> TripFinished | None:
        """Write the end and its event together; None when the lease was lost meanwhile."""
        self.has_ended = True
        pending = await self.log.close() if self.log is not None else []
        rows = list(pending)
        number = self.log.last if self.log is not None else None
        last = await in_thread(
            trips.finish, self.trip.pk, self.owner, ending, rows=rows, number_last=number
        )
        if last is not None:
            await announce(self.trip.pk, rows)
            await bulletins.post(self.trip.user_id, {"kind": bulletins.MONEY})
        return last

    async def beat(self) -> None:
        """Keep the lease and hear of stops that other processes were asked for."""
        since_beat_s = 0.0
        while not self.stop.is_set():
            await asyncio.sleep(leases.LOOK_S)
            since_beat_s += leases.LOOK_S
            is_due = since_beat_s >= leases.HEARTBEAT_S
            # A database that is away for a moment costs a beat; for longer, the lease runs out.
            with suppress(Error):
                if await in_thread(leases.is_stop_requested, self.trip.pk):
                    self.stop.set()
                if is_due:
                    since_beat_s = 0.0
                    if not await in_thread(leases.extend, self.trip.pk, self.owner):
                        self.stop.set()
