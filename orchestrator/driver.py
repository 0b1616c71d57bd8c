"""The engine for scripts and notebooks, without the web: `from orchestrator import Driver`."""

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.routing.types import Pattern

if TYPE_CHECKING:
    from orchestrator.models import Trip
    from orchestrator.services.driving.requests import TripRequest
    from orchestrator.services.people.identity import Caller
    from orchestrator.services.runs.orders import Order

T = TypeVar("T")
Event = dict[str, Any]
FIXED = ("gear", "provider", "road", "throttle", "pattern", "max_output_tokens")
NAMED = ("system", "profile", "policy")
OF_RUNS = ("plan", "items", "cap")


class DriveFailed(Exception):
    """The task was not answered; `code` and `next_step` say why and what to do."""

    def __init__(self, code: str, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Answer:
    """What a drive brought back. `cost_nano` is whole nano-dollars, demo dollars if it says so."""

    text: str
    gear: str
    cost_nano: int
    currency: str
    usage: dict[str, int]
    seconds: float
    trip: str
    receipt: dict[str, Any]

    @property
    def cost_usd(self) -> Decimal:
        return Decimal(self.cost_nano) / 10**9


class Driver:
    """Routes and drives tasks on behalf of the owner of this installation.

    `home` is the folder of the installation, by default the one that `clutch` uses. A task's
    options are gear, provider, road, throttle, pattern, max_output_tokens, system, profile and
    policy; for a run of several calls also plan (a document), items and cap (dollars).
    """

    def __init__(self, home: str | Path | None = None) -> None:
        _set_up(home)
        from orchestrator import runtime
        from orchestrator.services.driving import leases

        self._runtime = runtime
        self._owner = leases.new_owner("library")
        _close_at_exit()

    def route(self, task: str, **options: Any) -> dict[str, Any]:
        """The receipt of a decision; nothing is sent and nothing is spent."""
        from orchestrator.services.driving import planning

        request = _request(task, options)
        return self._in_thread(lambda: planning.preview(_caller(), request))

    def quote(self, task: str, **options: Any) -> dict[str, Any]:
        """What a run of several calls would cost and take; nothing is sent."""
        from orchestrator.services.driving import quotes
        from orchestrator.services.runs import orders

        order = _run_order(task, options)
        if order is None:
            raise TypeError("A quote is for a run: name a pattern such as team, or a plan.")
        return self._in_thread(lambda: quotes.document(orders.quote(_caller(), order)))

    def results(self, trip: str) -> list[dict[str, Any]]:
        """What became of each item of a run, also of one that was paused or failed."""
        from orchestrator.services.runs import results

        return self._in_thread(lambda: results.documents(_own_trip(trip).pk))

    def resume(self, trip: str, cap: float | Decimal | None = None) -> Answer:
        """Go on with a paused run, with a higher cap in dollars if one is given."""
        return _answer(list(self._stream(self._resumed(trip, cap))))

    def drive(self, task: str, **options: Any) -> Answer:
        """Answer a task, or raise `DriveFailed`."""
        return _answer(list(self.stream(task, **options)))

    async def adrive(self, task: str, **options: Any) -> Answer:
        return _answer([event async for event in self.astream(task, **options)])

    def stream(self, task: str, **options: Any) -> Iterator[Event]:
        """The events of a drive as they come; leaving the loop stops the drive."""
        yield from self._stream(self._events(task, options))

    def _stream(self, events: AsyncGenerator[Event]) -> Iterator[Event]:
        queue: SimpleQueue[Event | None] = SimpleQueue()
        listening = _Listening(self._runtime, events, queue.put)
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
        listening = _Listening(
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

        order = _run_order(task, options)
        if order is not None:
            return self._driven(lambda: orders.start(_caller(), order))
        request = _request(task, options)
        return self._driven(lambda: trips.start(_caller(), request))

    def _resumed(self, name: str, cap: float | Decimal | None) -> AsyncGenerator[Event]:
        from orchestrator.models import Trip
        from orchestrator.services.runs import controls

        def begin() -> Trip:
            trip = _own_trip(name)
            controls.resume(trip, _nano(cap), source=Trip.Source.LIBRARY)
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


class _Listening:
    """A drive on the engine's loop whose events are handed to somebody in another thread."""

    def __init__(
        self, runtime: Any, events: AsyncGenerator[Event], put: Callable[[Event | None], Any]
    ) -> None:
        self._loop = runtime.loop()
        self._has_ended = threading.Event()
        self._put = put
        self._task: asyncio.Task[None] = runtime.run(self._begin(events))

    async def _begin(self, events: AsyncGenerator[Event]) -> "asyncio.Task[None]":
        task = asyncio.create_task(self._pump(events))
        task.add_done_callback(self._end)  # comes even when it was cancelled before its first step
        return task

    async def _pump(self, events: AsyncGenerator[Event]) -> None:
        async with aclosing(events):
            async for event in events:
                self._put(event)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._has_ended.set()
        self._put(None)

    def check(self) -> None:
        """Raise what ended the drive, if that was an error."""
        self._task.result()

    def leave(self) -> None:
        """Stop what still drives, and wait until it is settled."""
        if not self._has_ended.is_set():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._has_ended.wait()


def _answer(events: list[Event]) -> Answer:
    last = events[-1] if events else {}
    if last.get("kind") == "run_paused":
        next_step = f"Driver.resume({last['trip']!r}, cap=…)"
        raise DriveFailed(last["code"], f"Paused. {last['reason']}", next_step)
    if last.get("state") != "done":
        raise DriveFailed(
            last.get("error_code", ""), last.get("error", ""), last.get("next_step", "")
        )
    legs = [event for event in events if event["kind"] == "leg_finished"]
    return Answer(
        text=last["text"],
        gear=legs[-1]["gear"] if legs else "",  # the calls of a swarm are too many to be told
        cost_nano=last["cost_nano"],
        currency=last["currency"],
        usage=last["usage"],
        seconds=last["seconds"],
        trip=last["trip"],
        receipt=next(event["receipt"] for event in events if event["kind"] == "routed"),
    )


def _request(task: str, options: dict[str, Any]) -> "TripRequest":
    from orchestrator.services.driving import requests

    if unknown := sorted(options.keys() - {*FIXED, *NAMED, *OF_RUNS}):
        known = ", ".join((*FIXED, *NAMED, *OF_RUNS))
        raise TypeError(f"There is no option {unknown[0]!r}. There are: {known}.")
    named = {name: options[name] for name in NAMED if name in options}
    return requests.from_text(task, overrides=requests.overrides_from(options), **named)


def _run_order(task: str, options: dict[str, Any]) -> "Order | None":
    """What is asked for as a run of several calls, or None for a single answer."""
    from orchestrator.services.runs.orders import Order

    pattern, plan = options.get("pattern"), options.get("plan")
    if plan is not None and not pattern:
        pattern, plan = plan.get("pattern"), {k: v for k, v in plan.items() if k != "pattern"}
    if pattern in (None, "single"):
        return None
    request = replace(_request(task, {**options, "pattern": pattern}), run=plan)
    items = tuple(options.get("items") or ())
    return Order(Pattern(pattern), request, items, _nano(options.get("cap")))


def _nano(dollars: float | Decimal | None) -> int | None:
    from orchestrator.services.money import budgets

    return None if dollars is None else budgets.parse_usd(str(dollars))


def _own_trip(name: str) -> "Trip":
    from orchestrator.models import Trip

    return Trip.objects.select_related("payload").get(pk=name, user_id=_caller().user_id)


def _caller() -> "Caller":
    from orchestrator.models import Trip
    from orchestrator.services.people import signin
    from orchestrator.services.people.identity import Caller

    owner = signin.ensure_owner()
    return Caller(
        owner.pk, Trip.Source.LIBRARY, team_id=owner.current_team_id, is_owner_at_machine=True
    )


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
    return {"gauge": gauges.for_user_id(_caller().user_id), "gears": ready}


def _set_up(home: str | Path | None) -> None:
    """Django once, before anything of ours that needs it is imported."""
    import django
    from django.apps import apps

    folder = None if home is None else Path(home).expanduser().resolve()
    if folder is not None and not apps.ready:
        os.environ["CLUTCH_HOME"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    if not apps.ready:
        django.setup()
    from django.conf import settings

    if folder is not None and folder != Path(settings.CLUTCH_HOME).resolve():
        raise ValueError(f"This process already drives with {settings.CLUTCH_HOME}.")
    from orchestrator import runtime

    runtime.run(_prepare())


async def _prepare() -> None:
    from orchestrator.services.database import in_thread
    from orchestrator.services.upkeep import schema, startup

    await in_thread(schema.ensure_current)
    await in_thread(startup.prepare)


@cache
def _close_at_exit() -> None:
    """Once per process: connections left open complain while Python ends."""
    from orchestrator import runtime

    atexit.register(lambda: runtime.run(runtime.close()))
