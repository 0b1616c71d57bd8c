"""What runs inside the server process: the loop that drives, the embedded worker, the sweeper."""

import asyncio
import logging
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import Error

from orchestrator import runtime
from orchestrator.services.database import in_thread
from orchestrator.services.driving import leases, queues, stops, sweeper
from orchestrator.services.setup import discovery
from orchestrator.services.upkeep import startup

log = logging.getLogger(__name__)
GRACE_S = 5.0


class Engine:
    """Started once per server process, by lifespan or by the first request."""

    def __init__(self) -> None:
        self._starting: asyncio.Lock | None = None
        self._sweeping: asyncio.Task[None] | None = None
        # Ollama and the like are found by themselves, without keeping the start waiting.
        self._probing: asyncio.Task[list[str]] | None = None
        self._workers: list[EmbeddedWorker] = []

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
            # only what is imported by now is known to a worker that is no command of its own
            import_module("orchestrator.tasks")
            await in_thread(startup.recover)
            self._workers = [
                EmbeddedWorker(queues.CHAT, settings.WORKERS),
                EmbeddedWorker(queues.RUNS, settings.RUN_WORKERS),
            ]
            for worker in self._workers:
                worker.start()
        self._sweeping = asyncio.create_task(_sweep_forever(leases.new_owner("server")))
        self._probing = asyncio.create_task(discovery.probe_local())

    async def stop(self) -> None:
        if self._sweeping is None:
            return
        self._sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await self._sweeping
        self._sweeping = None
        if self._probing is not None:
            with suppress(Error):  # its loss is told by everything else that asks the database
                await self._probing
        await stops.close(GRACE_S)
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in self._workers))
        await runtime.close()


async def _sweep_forever(owner: str) -> None:
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


class EmbeddedWorker:
    """A Celery worker in threads of this process, restarted if it ever ends by itself."""

    def __init__(self, queue: str, concurrency: int) -> None:
        self._queue, self._concurrency = queue, concurrency
        self._thread = threading.Thread(target=self._run, name=f"celery-{queue}", daemon=True)
        self._controller: Any = None
        self._is_stopping = False

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        from clutchweb.celery import app

        while not self._is_stopping:
            # Not celery.apps.worker.Worker: that one installs signal handlers.
            self._controller = app.WorkController(
                pool="threads",
                hostname=f"{self._queue}@embedded",
                concurrency=self._concurrency,
                queues=[self._queue],
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
            )
            self._controller.start()
            if not self._is_stopping:
                log.error("the embedded worker ended, starting it again")

    def stop(self) -> None:
        self._is_stopping = True
        if self._controller is not None:
            self._controller.stop(in_sighandler=False)
        self._thread.join(timeout=5)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()


engine = Engine()
