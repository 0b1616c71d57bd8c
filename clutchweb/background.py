"""Processes beside the servers: a worker that drives, a sweeper that settles. Ended by signals."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from clutchweb import worker
from clutchweb.engine import sweep_forever
from orchestrator import runtime
from orchestrator.services.driving import leases, queues, stops


async def work(on_ready: Callable[[], None], grace_s: float) -> None:
    """Until SIGTERM or Ctrl-C; then answers have `grace_s` to end, and the rest is interrupted."""
    asked_to_stop = _stop_signal()
    runtime.adopt(asyncio.get_running_loop())
    stops.reopen()
    ready: set[str] = set()

    def tell(queue: str) -> None:
        ready.add(queue)
        if ready == {*queues.ALL}:
            on_ready()

    workers = worker.started(tell)
    await asked_to_stop.wait()
    for each in workers:
        each.stop_taking()
    await stops.close(grace_s)
    await asyncio.gather(*(asyncio.to_thread(each.stop) for each in workers))
    await runtime.close()


async def sweep(on_ready: Callable[[], None]) -> None:
    asked_to_stop = _stop_signal()
    sweeping = asyncio.create_task(sweep_forever(leases.new_owner("sweeper")))
    on_ready()
    await asked_to_stop.wait()
    sweeping.cancel()
    with suppress(asyncio.CancelledError):
        await sweeping


def _stop_signal() -> asyncio.Event:
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    return asked_to_stop
