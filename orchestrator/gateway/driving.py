"""One trip, driven here for one client. Who leaves stops it; a run is paused instead."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from uuid import UUID

from orchestrator.gateway import gathered, repeats
from orchestrator.gateway.faults import Refused
from orchestrator.models import Trip
from orchestrator.patterns.events import Event, Routed
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, leases, stops, trips
from orchestrator.services.driving.quotes import Undrivable
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.driving.trips import KeyReused
from orchestrator.services.people.identity import Caller
from orchestrator.services.runs import controls, orders
from orchestrator.services.runs.orders import Order

OWNER_KIND = "api"
# After so long without news a client is told that somebody is still there.
QUIET_S = 10.0
# A client that reads slowly holds the provider's stream back.
MAX_WAITING = 256


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked for, in whichever dialect. `order` is there for a run."""

    model: str
    request: TripRequest
    order: Order | None = None
    is_streamed: bool = False
    has_usage: bool = False
    key: str = ""


async def begin(caller: Caller, asked: Asked) -> "Driven":
    """Accept the request. Raises `Refused`; whoever leaves meanwhile leaves nothing undriven."""
    starting = asyncio.ensure_future(in_thread(_started, caller, asked))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(Refused):
            driven = await starting
            if driven.is_new:
                await _abandon(driven.trip_id)
        raise


def _started(caller: Caller, asked: Asked) -> "Driven":
    trip = _start(caller, asked)
    return Driven(trip, repeats.of(trip))


def _start(caller: Caller, asked: Asked) -> Trip:
    if stops.is_closing():
        raise Refused("interrupted", "The server is closing. Send it again in a moment.")
    try:
        if asked.order is not None:
            return orders.start(caller, asked.order, idempotency_key=asked.key)
        return trips.start(caller, asked.request, idempotency_key=asked.key)
    except KeyReused as refused:
        raise Refused("idempotency_key_reused", str(refused)) from refused
    except Undrivable as refused:
        raise Refused(refused.code, str(refused)) from refused
    except RequestRefused as refused:
        raise Refused("invalid_request", str(refused)) from refused


async def _abandon(trip_id: UUID) -> None:
    """A trip that was accepted is ended, too, when nobody waits for it any more."""
    if await in_thread(stops.request, trip_id):
        async with aclosing(drive.drive(trip_id, leases.new_owner(OWNER_KIND))) as events:
            async for _ in events:
                pass


class Driven:
    """The events of one trip; `told` are those of a trip that was driven before."""

    def __init__(self, trip: Trip, told: list[Event] | None) -> None:
        self.trip_id = trip.pk
        self.is_run = trips.is_run(trip)
        self.cap_nano = trip.cap_nano
        self.is_new = trip.state == Trip.State.QUEUED
        self._told = told
        self._has_begun = asyncio.Event()
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue(MAX_WAITING)
        self._has_left = False

    async def events(self) -> AsyncGenerator[Event | None]:
        """None stands for a while in which nothing happened."""
        if self._told is not None:
            for told in self._told:
                yield told
            return
        driving = asyncio.create_task(self._drive())
        try:
            async with aclosing(self._until_done(driving)) as events:
                async for event in events:
                    yield event
        finally:
            await self._leave(driving)

    async def _until_done(self, driving: "asyncio.Task[int]") -> AsyncGenerator[Event | None]:
        while True:
            try:
                # Not `wait_for`: until Python 3.12 it forgets that it was cancelled while there
                # is always something to get, and a client that left would be driven on for.
                async with asyncio.timeout(QUIET_S):
                    event = await self._waiting.get()
            except TimeoutError:
                yield None
                continue
            if event is None:
                break
            yield event
        if not await driving:
            raise Refused("in_progress", IN_PROGRESS, trip=str(self.trip_id))

    async def _drive(self) -> int:
        """In one task from beginning to end; the number of events."""
        count = 0
        try:
            async with aclosing(drive.drive(self.trip_id, leases.new_owner(OWNER_KIND))) as events:
                async for event in events:
                    count += 1
                    self._has_begun.set()
                    if isinstance(event, Routed):
                        self.is_run = gathered.is_run(event.receipt)
                    if not self._has_left:
                        await self._waiting.put(event)
        finally:
            self._has_begun.set()
            if not self._has_left:
                await self._waiting.put(None)
        return count

    async def _leave(self, driving: "asyncio.Task[int]") -> None:
        """What still drives is stopped and settled before anybody goes on."""
        self._has_left = True
        # Cut while it is being claimed, a trip would be nobody's until its lease runs out; and
        # one that somebody else drives already is not ours to stop.
        await self._has_begun.wait()
        if driving.done():
            return
        if self.is_run:
            await self._pause(driving)
        else:
            driving.cancel()
        with suppress(asyncio.CancelledError):
            await driving

    async def _pause(self, driving: "asyncio.Task[int]") -> None:
        """As at a terminal: what was done is kept, and somebody may go on with it later."""
        while not self._waiting.empty():  # whoever waits to hand over may go on
            self._waiting.get_nowait()
        trip = Trip(pk=self.trip_id)
        with suppress(controls.NotNow):
            await in_thread(controls.pause, trip)


IN_PROGRESS = "The request with this idempotency key is being answered. Ask again in a moment."
