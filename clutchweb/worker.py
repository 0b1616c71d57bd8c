"""Celery workers in threads of this process, one for each queue: questions never wait for runs.

What they drive runs on the process's one event loop.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings

from orchestrator.services.driving import queues

log = logging.getLogger(__name__)
JOIN_S = 5.0


Ready = Callable[[str], None]


def started(on_ready: Ready | None = None) -> "list[Worker]":
    import_module("orchestrator.tasks")  # before there are threads that would do it at once
    workers = [
        Worker(queues.CHAT, settings.WORKERS, on_ready),
        Worker(queues.RUNS, settings.RUN_WORKERS, on_ready),
    ]
    for worker in workers:
        worker.start()
    return workers


class Worker:
    """Restarted if it ever ends by itself."""

    def __init__(self, queue: str, concurrency: int, on_ready: Ready | None) -> None:
        self._queue, self._concurrency = queue, concurrency
        self._thread = threading.Thread(target=self._run, name=f"celery-{queue}", daemon=True)
        self._on_ready = on_ready
        self._controller: Any = None
        self._is_stopping = False

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        from clutchweb.celery import made

        while not self._is_stopping:
            # Not celery.apps.worker.Worker: that one installs signal handlers.
            self._controller = made(self._queue).WorkController(
                hostname=f"{self._queue}-{os.getpid()}@{socket.gethostname()}",
                pool="threads",
                concurrency=self._concurrency,
                ready_callback=self._tell_ready,
                use_eventloop=False,  # there is one for a process, and several of us
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
            )
            self._controller.start()
            if not self._is_stopping:
                log.error("the worker ended, starting it again")

    def _tell_ready(self, consumer: object) -> None:
        if self._on_ready is not None:
            self._on_ready(self._queue)

    def stop_taking(self) -> None:
        """What it has goes on. Redis' connection may only be closed by the thread that reads it."""
        from celery.worker import state

        self._is_stopping = True
        if settings.IS_EMBEDDED and self._controller is not None:
            self._controller.stop(in_sighandler=False)
        else:
            state.should_stop = 0  # type: ignore[assignment]  # declared as None

    def stop(self) -> None:
        self.stop_taking()
        self._thread.join(timeout=JOIN_S)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()
