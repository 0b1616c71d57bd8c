"""Writing together what comes together: while one transaction runs, the next one fills up.

A single caller waits for nothing but their own transaction; many callers share few. Where they
come thick, a pause between two transactions lets more of them share the next.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from orchestrator.services.database import in_thread

Wish = TypeVar("Wish")
MOST = 64


@dataclass(slots=True)
class Gathering(Generic[Wish]):
    """`write` takes wishes and returns what became of each, an exception for one that failed."""

    write: Callable[[Sequence[Wish]], Sequence[Any]]
    pause_s: float = 0.0
    _waiting: list[tuple[Wish, asyncio.Future[Any]]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None
    _was_shared: bool = False

    async def ask(self, wish: Wish) -> Any:
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((wish, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        # A caller who leaves must not take along what is written for others.
        return await asyncio.shield(answer)

    async def _write_all(self) -> None:
        while self._waiting:
            if self._was_shared:
                await asyncio.sleep(self.pause_s)
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._was_shared = len(batch) > 1
            if not await self._write(batch, is_alone=len(batch) == 1):
                for one in batch:  # what is wrong with one must not fail its neighbours
                    await self._write([one], is_alone=True)

    async def _write(
        self, batch: list[tuple[Wish, asyncio.Future[Any]]], *, is_alone: bool
    ) -> bool:
        written = in_thread(self.write, [wish for wish, _ in batch])
        outcomes: list[Any] = await asyncio.gather(written, return_exceptions=True)
        outcome = outcomes[0]
        if isinstance(outcome, BaseException) and not is_alone:
            return False
        results: Sequence[Any] = [outcome] if isinstance(outcome, BaseException) else outcome
        for (_, answer), result in zip(batch, results, strict=True):
            if answer.cancelled():
                continue
            if isinstance(result, BaseException):
                answer.set_exception(result)
                answer.exception()  # whoever left does not hear of it
            else:
                answer.set_result(result)
        return True


class PerLoop(Generic[Wish]):
    """One gathering for each event loop that asks."""

    def __init__(
        self, write: Callable[[Sequence[Wish]], Sequence[Any]], pause_s: float = 0.0
    ) -> None:
        self._write, self._pause_s = write, pause_s
        self._known: WeakKeyDictionary[asyncio.AbstractEventLoop, Gathering[Wish]] = (
            WeakKeyDictionary()
        )

    async def ask(self, wish: Wish) -> Any:
        loop = asyncio.get_running_loop()
        if loop not in self._known:
            self._known[loop] = Gathering(self._write, self._pause_s)
        return await self._known[loop].ask(wish)
