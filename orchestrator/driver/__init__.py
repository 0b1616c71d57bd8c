"""The engine for scripts and notebooks, without the web: `from orchestrator import Driver`."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.driver.answers import Answer, DriveFailed, Event, answer_of
from orchestrator.driver.asking import caller, nano, own_trip, request_for, run_order
from orchestrator.driver.listening import Listening
from orchestrator.driver.setting_up import close_at_exit, set_up

if TYPE_CHECKING:
    from orchestrator.models import Trip

__all__ = ["Answer", "DriveFailed", "Driver"]
T = TypeVar("T")


class Driver:
    """Routes and drives tasks on behalf of the owner of this installation.

    `home` is the folder of the installation, by default the one that `clutch` uses. A task's
    options are gear, provider, road, throttle, pattern, max_output_tokens, system, profile and
    policy; for a run of several calls also plan (a document), items and cap (dollars).
    """

    def __init__(self, home: str | Path | None = None) -> None:
        set_up(home)
        from orchestrator import runtime
        from orchestrator.services.driving import leases

        self._runtime = runtime
        self._owner = leases.new_owner("library")
        close_at_exit()

    def route(self, task: str, **options: Any) -> dict[str, Any]:
        """The receipt of a decision; nothing is sent and nothing is spent."""
        from orchestrator.services.driving import planning

        request = request_for(task, options)
        return self._in_thread(lambda: planning.preview(caller(), request))

    def quote(self, task: str, **options: Any) -> dict[str, Any]:
        """What a run of several calls would cost and take; nothing is sent."""
        from orchestrator.services.driving import quotes
        from orchestrator.services.runs import orders

        order = run_order(task, options)
        if order is None:
            raise TypeError("A quote is for a run: name a pattern such as team, or a plan.")
        return self._in_thread(lambda: quotes.document(orders.quote(caller(), order)))

    def results(self, trip: str) -> list[dict[str, Any]]:
        """What became of each item of a run, also of one that was paused or failed."""
        from orchestrator.services.runs import results

        return self._in_thread(lambda: results.documents(own_trip(trip).pk))

    def resume(self, trip: str, cap: float | Decimal | None = None) -> Answer:
        """Go on with a paused run, with a higher cap in dollars if one is given."""
        return answer_of(list(self._stream(self._resumed(trip, cap))))

    def drive(self, task: str, **options: Any) -> Answer:
        """Answer a task, or raise `DriveFailed`."""
        return answer_of(list(self.stream(task, **options)))

    async def adrive(self, task: str, **options: Any) -> Answer:
        return answer_of([event async for event in self.astream(task, **options)])

    def stream(self, task: str, **options: Any) -> Iterator[Event]:
        """The events of a drive as they come; leaving the loop stops the drive."""
        yield from self._stream(self._events(task, options))

    def _stream(self, events: AsyncGenerator[Event]) -> Iterator[Event]:
        queue: SimpleQueue[Event | None] = SimpleQueue()
        listening = Listening(self._runtime, events, queue.put)
        try:
            while (event := queue.get()) is not None:
                yield event
            listening.check()
        finally:
            listening.leave()

    async def astream(self, task: str, **options: Any) -> AsyncGenerator[Event]:
        """The same for a running loop, as in a notebook; the engine's own loop does the work."""
        here = asyncio.get_running_loop()
        if here is self._runtime.loop():
            async with aclosing(self._events(task, options)) as events:
                async for own in events:
                    yield own
            return
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        listening = Listening(
            self._runtime,
            self._events(task, options),
            lambda event: here.call_soon_threadsafe(queue.put_nowait, event),
        )
        try:
            while (event := await queue.get()) is not None:
                yield event
            listening.check()
        finally:
            await asyncio.to_thread(listening.leave)

    def _events(self, task: str, options: dict[str, Any]) -> AsyncGenerator[Event]:
        from orchestrator.services.driving import trips
        from orchestrator.services.runs import orders

        order = run_order(task, options)
        if order is not None:
            return self._driven(lambda: orders.start(caller(), order))
        request = request_for(task, options)
        return self._driven(lambda: trips.start(caller(), request))

    def _resumed(self, name: str, cap: float | Decimal | None) -> AsyncGenerator[Event]:
        from orchestrator.models import Trip
        from orchestrator.services.runs import controls

        def begin() -> Trip:
            trip = own_trip(name)
            controls.resume(trip, nano(cap), source=Trip.Source.LIBRARY)
            return trip

        return self._driven(begin)

    async def _driven(self, begin: "Callable[[], Trip]") -> AsyncGenerator[Event]:
        from orchestrator.services.database import in_thread
        from orchestrator.services.driving import drive, event_documents

        trip = await in_thread(begin)
        async with aclosing(drive.drive(trip.pk, self._owner)) as events:
            async for event in events:
                kind = event_documents.kind_of(event)
                yield {"kind": kind, "trip": str(trip.pk), **event_documents.payload_of(event)}

    def status(self) -> dict[str, Any]:
        """The fuel gauge and what can be driven now."""
        return self._in_thread(_status)

    def train(self) -> dict[str, int]:
        """Learn from the outcomes of the last 30 days."""
        from orchestrator.services.school import learning

        training = self._in_thread(learning.train)
        return {"trips": training.trips, "posteriors": training.posteriors}

    def _in_thread(self, work: Callable[[], T]) -> T:
        """Also right inside a notebook, where Django refuses to run beside the running loop."""
        from orchestrator.services.database import in_thread

        return self._runtime.run(in_thread(work))


def _status() -> dict[str, Any]:
    from orchestrator.services.money import gauges
    from orchestrator.services.setup import fleet

    unavailable = fleet.availability()
    known = fleet.snapshot()
    ready = [
        gear.name
        for gear in known.gears
        if gear.name not in unavailable and gear.provider not in unavailable
    ]
    who, currency = caller(), fleet.currency_now(unavailable)
    gauge = gauges.for_user_id(who.user_id, who.team_id, currency=currency)
    return {"gauge": gauge, "gears": ready}
