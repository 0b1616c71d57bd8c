"""Celery workers in threads of this process, one for each queue: questions never wait for runs.

What they drive runs on the process's one event loop.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings

from orchestrator.services.driving import queues

log = logging.getLogger(__name__)
JOIN_S = 5.0


Ready = Callable[[str], None]


def started(on_ready: Ready | None = None) -> "list[Worker]":
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
        from clutchweb.celery import app

        while not self._is_stopping:
            # Not celery.apps.worker.Worker: that one installs signal handlers.
            self._controller = app.WorkController(
                hostname=f"{self._queue}-{os.getpid()}@{socket.gethostname()}",
                pool="threads",
                concurrency=self._concurrency,
                queues=[self._queue],
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

    def stop(self) -> None:
        self._is_stopping = True
        if self._controller is not None:
            self._controller.stop(in_sighandler=False)
        self._thread.join(timeout=JOIN_S)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()
