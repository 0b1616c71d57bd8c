"""The engine for scripts and notebooks, without the web: `from orchestrator import Driver`."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from orchestrator.routing.types import Overrides

if TYPE_CHECKING:
    from orchestrator.services.identity import Caller
    from orchestrator.services.requests import TripRequest

P = ParamSpec("P")
T = TypeVar("T")


class DriveFailed(Exception):
    """The task was not answered; `code` and `next_step` say why and what to do."""

    def __init__(self, code: str, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Answer:
    """What a drive brought back. Money is whole nano-dollars."""

    text: str
    gear: str
    cost_nano: int
    currency: str
    input_tokens: int
    output_tokens: int
    trip: str
    receipt: dict[str, Any]


class Driver:
    """Routes and drives tasks on behalf of the owner of this installation.

    `home` is the folder of the installation, by default the one that `clutch` uses. Options of
    the methods are those of a task: gear, throttle, road, max_output_tokens.
    """

    def __init__(self, home: str | Path | None = None) -> None:
        _set_up(home)
        from orchestrator import runtime
        from orchestrator.services import leases

        self._runtime = runtime
        self._owner = leases.new_owner("library")
        self._caller = self._in_thread(_owner_here)

    def route(self, task: str, **options: Any) -> dict[str, Any]:
        """The receipt of a decision; nothing is sent and nothing is spent."""
        from orchestrator.services import planning

        return self._in_thread(planning.preview, self._caller, self._request(task, options))

    def drive(self, task: str, **options: Any) -> Answer:
        """Answer a task, or raise `DriveFailed`."""
        return self._wait(self.adrive(task, **options))

    def stream(self, task: str, **options: Any) -> Iterator[dict[str, Any]]:
        """The events of a drive as they come; leaving the loop stops the drive."""
        events: SimpleQueue[dict[str, Any] | BaseException | None] = SimpleQueue()

        async def pump() -> None:
            try:
                async with aclosing(self.astream(task, **options)) as stream:
                    async for event in stream:
                        events.put(event)
            except BaseException as error:
                events.put(error)
                raise
            finally:
                events.put(None)

        work = asyncio.run_coroutine_threadsafe(pump(), self._runtime.loop())
        try:
            while (event := events.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            _end(work)

    async def adrive(self, task: str, **options: Any) -> Answer:
        last: dict[str, Any] = {}
        receipt: dict[str, Any] = {}
        trip = ""
        async with aclosing(self.astream(task, **options)) as events:
            async for event in events:
                last, trip = event, event["trip"]
                if event["kind"] == "routed":
                    receipt = dict(event["receipt"])
        if last.get("state") != "done":
            raise DriveFailed(
                last.get("error_code", ""), last.get("error", ""), last.get("next_step", "")
            )
        return Answer(
            text=last["text"],
            gear=receipt["gear"],
            cost_nano=last["cost_nano"],
            currency=last["currency"],
            input_tokens=last["usage"]["input_tokens"],
            output_tokens=last["usage"]["output_tokens"],
            trip=trip,
            receipt=receipt,
        )

    async def astream(self, task: str, **options: Any) -> AsyncGenerator[dict[str, Any]]:
        from orchestrator.services import drive, event_documents, trips
        from orchestrator.services.database import in_thread

        trip = await in_thread(trips.start, self._caller, self._request(task, options))
        async with aclosing(drive.drive(trip.pk, self._owner)) as events:
            async for event in events:
                kind = event_documents.kind_of(event)
                yield {"kind": kind, "trip": str(trip.pk), **event_documents.payload_of(event)}

    def status(self) -> dict[str, Any]:
        """The fuel gauge and what can be driven now."""
        return self._in_thread(_status, self._caller)

    def train(self) -> dict[str, int]:
        """Learn from the outcomes of the last 30 days."""
        from orchestrator.services import learning

        training = self._in_thread(learning.train)
        return {"trips": training.trips, "posteriors": training.posteriors}

    def _request(self, task: str, options: dict[str, Any]) -> "TripRequest":
        from orchestrator.services import requests

        named = {
            name: options.pop(name) for name in ("system", "profile", "policy") if name in options
        }
        return requests.from_text(task, overrides=Overrides(**options), **named)

    def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Also right inside a notebook, where Django refuses to run beside the running loop."""
        from orchestrator.services.database import in_thread

        return self._wait(in_thread(work, *args, **kwargs))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runtime.run(work)


def _owner_here() -> "Caller":
    from orchestrator.models import Trip, User
    from orchestrator.services.identity import Caller

    owner = User.objects.get(is_owner=True)
    return Caller(owner.pk, Trip.Source.LIBRARY, is_owner_at_machine=True)


def _end(work: "Future[None]") -> None:
    """Stop what still drives, and wait until it is settled."""
    work.cancel()


def _status(caller: "Caller") -> dict[str, Any]:
    from orchestrator.services import fleet, gauges

    unavailable = fleet.availability()
    known = fleet.snapshot()
    ready = [
        gear.name
        for gear in known.gears
        if gear.name not in unavailable and gear.provider not in unavailable
    ]
    return {"gauge": gauges.for_user_id(caller.user_id), "gears": ready}


def _set_up(home: str | Path | None) -> None:
    """Django once, before anything of ours that needs it is imported."""
    import django
    from django.apps import apps

    if home is not None:
        os.environ["CLUTCH_HOME"] = str(Path(home).expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    if not apps.ready:
        django.setup()
    from orchestrator import runtime
    from orchestrator.services import schema, startup
    from orchestrator.services.database import in_thread

    async def prepare() -> None:
        await in_thread(schema.ensure_current)
        await in_thread(startup.prepare)

    runtime.run(prepare())
