"""A drive on the engine's loop whose events are handed to somebody in another thread."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from orchestrator.driver.answers import Event


class Listening:
    """`put` is called in the engine's thread; None marks the end."""

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
