"""What a worker does when it is told to end: each of its processes puts back what it drives.

Celery by itself would wait until the last run is through, which may take a day.
"""

import asyncio
import os
import signal
from contextlib import suppress
from types import FrameType
from typing import Any

from celery import signals

from clutchweb.engine import GRACE_S
from orchestrator import runtime
from orchestrator.services.driving import stops

# What Celery leaves to us in the processes of its pool.
END = signal.SIGUSR2
_worker: Any = None


@signals.celeryd_after_setup.connect
def _remember(instance: Any, **_: Any) -> None:
    global _worker
    _worker = instance


@signals.worker_process_init.connect
def _listen(**_: Any) -> None:
    signal.signal(END, _end)


@signals.worker_shutting_down.connect
def _pass_on(**_: Any) -> None:
    processes = _worker.pool.info.get("processes") if _worker and _worker.pool else None
    if processes is None:  # a pool of threads
        _end()
    for process in processes or ():
        with suppress(ProcessLookupError):
            os.kill(process, END)


def _end(number: int = END, frame: FrameType | None = None) -> None:
    asyncio.run_coroutine_threadsafe(_settle(), runtime.loop())


async def _settle() -> None:
    await stops.close(GRACE_S)
    await runtime.close()
