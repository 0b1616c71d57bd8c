"""Driving one trip: claim and plan, drive without a transaction, settle. Every face comes here."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.db import Error

from orchestrator.models import Trip
from orchestrator.patterns import registry
from orchestrator.patterns.crew import PAUSING, Answer
from orchestrator.patterns.events import Event, GaugeMoved, Routed, RunPaused, TripFinished
from orchestrator.patterns.legs import LegFailed, Stopped
from orchestrator.patterns.plans import RunPlan
from orchestrator.routing.types import Plan, Refusal, RefusalKind
from orchestrator.services.database import in_thread
from orchestrator.services.driving import (
    bulletins,
    classifier,
    leases,
    planning,
    purses,
    quotes,
    requests,
    stops,
    trips,
)
from orchestrator.services.driving.crew import TripCrew
from orchestrator.services.driving.event_log import TripLog, announce
from orchestrator.services.driving.interruptions import INTERRUPTED
from orchestrator.services.driving.receipts import receipt_document
from orchestrator.services.driving.trips import Ending
from orchestrator.services.money import gauges
from orchestrator.services.setup import options
from orchestrator.services.upkeep import outages

# Together with how often a driver looks: a pause takes less than two seconds.
PAUSE_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Claim:
    trip: Trip
    request: requests.TripRequest
    decision: Plan | Refusal
    run_plan: RunPlan | None = None
    world: planning.World | None = None


def claim(trip_id: UUID, owner: str) -> Claim | None:
    """Plan first, then take the trip: the write lock is never held while deciding."""
    trip = Trip.objects.select_related("payload").filter(pk=trip_id).first()
    if trip is None or trip.state != Trip.State.QUEUED:
        return None
    caller = trips.caller_of(trip)
    request = requests.from_document(trip.payload.request)
    run_plan, cap_nano, world = None, trip.cap_nano, None
    try:
        request = planning.complete(caller, request)
        world = planning.world(caller)
        decision = planning.decide(caller, request, seed=str(trip.pk), within=world)
        if isinstance(decision, Plan):
            run_plan = requests.run_plan(decision.pattern, request)
        if run_plan is not None and cap_nano is None:
            cap_nano = quotes.of(caller, request, run_plan).cap_nano
    except requests.RequestRefused as refused:
        decision = Refusal(RefusalKind.UNKNOWN_NAME, str(refused), "")
    if not trips.take(trip, owner, decision, cap_nano):
        return None
    trip.refresh_from_db()
    return Claim(trip, request, decision, run_plan, world)


async def drive(trip_id: UUID, owner: str, log: TripLog | None = None) -> AsyncGenerator[Event]:
    """Yield what happens until the trip has ended; nothing when somebody else drives it."""
    await _classify(trip_id)
    claimed = await in_thread(claim, trip_id, owner)
    if claimed is None:
        return
    journey = _Journey(claimed, owner, log)
    stops.register(trip_id, journey.stop, journey.pausing if journey.may_go_on else None)
    if claimed.trip.cancel_requested_at is not None:
        journey.stop.set()
    if claimed.trip.pause_requested_at is not None:
        journey.pausing.set()
    heart = asyncio.create_task(journey.beat())
    try:
        async with aclosing(journey.events()) as events:
            async for event in events:
                if log is not None and not isinstance(event, TripFinished):
                    await log.add(event)
                yield event
    except Error as error:
        if outages.of(error) is not None:
            await journey.leave()
        raise
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
    pausing: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Answer = field(default_factory=Answer)
    has_ended: bool = False

    @property
    def trip(self) -> Trip:
        return self.claimed.trip

    @property
    def may_go_on(self) -> bool:
        """Whether another process finishes what this one may not."""
        return trips.is_run(self.trip) and self.trip.source == Trip.Source.PAGE

    async def events(self) -> AsyncGenerator[Event]:
        decision = self.claimed.decision
        news = {"kind": bulletins.STARTED, "trip": str(self.trip.pk)}
        await bulletins.post(self.trip.user_id, news)
        yield Routed(receipt_document(decision))
        ending: Ending | RunPaused | None
        if isinstance(decision, Refusal):
            ending = self._failed(decision.kind.value, decision.message, decision.next_step)
        else:
            try:
                async with aclosing(self._driving(decision)) as events:
                    async for event in events:
                        yield event
                ending = Ending("done", self.answer)
            except Stopped:
                ending = await self._stopped()
            except LegFailed as failure:
                ending = self._failed(
                    failure.code, failure.message, failure.next_step, failure.retry_after_s
                )
        if ending is None:
            await self._put_back()
            return
        if isinstance(ending, RunPaused):
            await self._pause(ending)
            yield ending
            return
        trip = self.trip
        gauge = await in_thread(
            gauges.for_user_id, trip.user_id, trip.team_id, currency=trip.currency
        )
        yield GaugeMoved({**gauge} if gauge else {})
        last = await self.end(ending)
        if last is not None:
            yield last

    async def _driving(self, plan: Plan) -> AsyncGenerator[Event]:
        request = self.claimed.request
        crew = TripCrew(
            self.trip,
            plan,
            request,
            self.claimed.run_plan,
            stop=self.stop,
            pausing=self.pausing,
            purse=await in_thread(purses.of, self.trip),
            world=self.claimed.world,
        )
        driving = registry.PATTERNS[plan.pattern](crew, request.for_model(), self.answer)
        async with aclosing(driving) as events:
            async for event in events:
                yield event

    def _failed(
        self, code: str, message: str, next_step: str, retry_after_s: float | None = None
    ) -> Ending | RunPaused:
        """A run without money waits for some; what was done of it is kept."""
        if code in PAUSING and trips.is_run(self.trip):
            return RunPaused(code, message, next_step or "Raise the budget to go on.")
        return Ending("failed", self.answer, code, message, next_step, retry_after_s)

    async def _stopped(self) -> Ending | RunPaused | None:
        """None where another process goes on with what this one may not finish."""
        is_cancelled = (await in_thread(leases.asked, self.trip.pk)).to_stop
        if stops.is_closing() and not is_cancelled:
            return None if self.may_go_on else Ending("stalled", self.answer, *INTERRUPTED)
        if self.pausing.is_set() and not is_cancelled:
            return RunPaused("paused", "Paused by hand.", "Go on whenever you like.")
        return Ending("stopped", self.answer)

    async def _pause(self, paused: RunPaused) -> None:
        self.has_ended = True
        rows = list(await self.log.close()) if self.log is not None else []
        number = self.log.last if self.log is not None else None
        if await in_thread(trips.pause, self.trip.pk, self.owner, paused, rows=rows, number=number):
            await announce(self.trip.pk, rows)
            await bulletins.post(self.trip.user_id, {"kind": bulletins.MONEY})

    async def _put_back(self) -> None:
        self.has_ended = True
        rows = list(await self.log.close()) if self.log is not None else []
        await in_thread(trips.put_back, self.trip.pk, self.owner, rows)
        await announce(self.trip.pk, rows)

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

    async def leave(self) -> None:
        """The database was away in the middle: whoever sweeps when it is back sees to the rest."""
        self.has_ended = True
        with suppress(Error):
            await in_thread(leases.let_go, self.trip.pk, self.owner)

    async def _begin_pause(self) -> None:
        """Nothing new is begun; what is under way may end within a moment, then it is cut."""
        if not self.pausing.is_set():
            self.pausing.set()
            asyncio.get_running_loop().call_later(PAUSE_GRACE_S, self.stop.set)

    async def beat(self) -> None:
        """Keep the lease and hear of stops that other processes were asked for."""
        since_beat_s = 0.0
        while not self.stop.is_set():
            await asyncio.sleep(leases.LOOK_S)
            since_beat_s += leases.LOOK_S
            is_due = since_beat_s >= leases.HEARTBEAT_S
            # A database that is away for a moment costs a beat; for longer, the lease runs out.
            with suppress(Error):
                asked = await in_thread(leases.asked, self.trip.pk)
                if asked.to_stop:
                    self.stop.set()
                elif asked.to_pause:
                    await self._begin_pause()
                if is_due:
                    since_beat_s = 0.0
                    if not await in_thread(leases.extend, self.trip.pk, self.owner):
                        self.stop.set()
