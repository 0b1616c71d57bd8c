"""What runs inside the server process: the loop that drives, the embedded worker, the sweeper."""

import asyncio
import logging
from contextlib import suppress

from django.conf import settings
from django.db import Error

from clutchweb import worker
from clutchweb.worker import Worker
from orchestrator import runtime
from orchestrator.services.alerts import deliveries
from orchestrator.services.database import in_thread
from orchestrator.services.driving import leases, stops, sweeper
from orchestrator.services.setup import discovery
from orchestrator.services.upkeep import startup

log = logging.getLogger(__name__)
GRACE_S = 5.0
DELIVER_EVERY_S = 5.0


class Engine:
    """Started once per server process, by lifespan or by the first request."""

    def __init__(self) -> None:
        self._starting: asyncio.Lock | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._delivering: asyncio.Task[None] | None = None
        # Ollama and the like are found by themselves, without keeping the start waiting.
        self._probing: asyncio.Task[list[str]] | None = None
        self._workers: list[Worker] = []

    async def start(self) -> None:
        if self._sweeping is not None:
            return
        self._starting = self._starting or asyncio.Lock()
        async with self._starting:
            if self._sweeping is None:
                await self._start()

    async def _start(self) -> None:
        runtime.adopt(asyncio.get_running_loop())
        stops.reopen()
        if settings.IS_EMBEDDED:
            await in_thread(startup.recover)
            self._workers = worker.started()
        self._sweeping = asyncio.create_task(sweep_forever(leases.new_owner("server")))
        self._delivering = asyncio.create_task(_deliver_forever())
        self._probing = asyncio.create_task(discovery.probe_local())

    async def stop(self) -> None:
        if self._sweeping is None:
            return
        self._sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await self._sweeping
        self._sweeping = None
        if self._delivering is not None:
            self._delivering.cancel()
            with suppress(asyncio.CancelledError):
                await self._delivering
        if self._probing is not None:
            with suppress(Error):  # its loss is told by everything else that asks the database
                await self._probing
        await stops.close(GRACE_S)
        await asyncio.gather(*(asyncio.to_thread(each.stop) for each in self._workers))
        await runtime.close()


async def _deliver_forever() -> None:
    """Apart from the sweeper: a mail server that hangs must not keep trips waiting."""
    while True:
        # A database that is away is told of by the sweeper.
        with suppress(Error):
            await in_thread(deliveries.send_due)
        await asyncio.sleep(DELIVER_EVERY_S)


async def sweep_forever(owner: str) -> None:
    """Also while the database is away: what it left behind is settled when it is back."""
    is_away = False
    while True:
        try:
            await in_thread(sweeper.sweep_in_turn, owner)
        except Error:
            log.exception("the database did not let the sweeper work")
            is_away = True
        else:
            if is_away:
                log.warning("the database works again")
            is_away = False
        await asyncio.sleep(sweeper.EVERY_S)


engine = Engine()
