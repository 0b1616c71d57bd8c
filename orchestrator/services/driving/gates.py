"""The gate of a provider in this process: who may call now, chats before runs."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from django.db import Error

from orchestrator import runtime
from orchestrator.providers.errors import Busy
from orchestrator.services.database import in_thread
from orchestrator.services.driving import leases, shares

log = logging.getLogger(__name__)
RENEW_S = 5.0
# Others give back what is more than their share when they ask again, so asking sooner is no use.
ASK_AGAIN_S = 0.5
IDLE_S = 10.0
# A few unused places are not worth giving back by themselves.
SPARE = 4
# How long a person's question waits for a place before another gear is tried.
PATIENCE_S = 20.0


@dataclass(slots=True)
class Gate:
    """`granted` is what this process may have under way; a tenth of it is kept for chats."""

    provider: str
    owner: str = field(default_factory=lambda: leases.new_owner("gate"))
    granted: int = 0
    _asked_for: int = 0
    in_use: int = 0
    _in_runs: int = 0
    _fresh_until: float = 0.0
    _chats: deque[asyncio.Future[None]] = field(default_factory=deque)
    _runs: deque[asyncio.Future[None]] = field(default_factory=deque)
    _keeper: asyncio.Task[None] | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def _waiting(self) -> int:
        return len(self._chats) + len(self._runs)

    @property
    def for_runs(self) -> int:
        return max(self.granted - max(self.granted // 10, 1), 1)

    async def enter(self, *, is_run: bool) -> None:
        if not self._may(is_run=is_run) or self._waiting_before(is_run=is_run):
            await self._wait(is_run=is_run)
            return
        self._take(is_run=is_run)

    def leave(self, *, is_run: bool) -> None:
        self.in_use -= 1
        self._in_runs -= is_run
        self._admit()
        if not self.in_use and self._asked_for > self._wanted + SPARE:
            self._wake.set()  # another process may be waiting for what is not needed here

    def _may(self, *, is_run: bool) -> bool:
        is_fresh = time.monotonic() < self._fresh_until
        has_room = self.in_use < self.granted
        return is_fresh and has_room and (not is_run or self._in_runs < self.for_runs)

    def _waiting_before(self, *, is_run: bool) -> bool:
        return bool(self._chats) or (is_run and bool(self._runs))

    def _take(self, *, is_run: bool) -> None:
        self.in_use += 1
        self._in_runs += is_run

    async def _wait(self, *, is_run: bool) -> None:
        place = asyncio.get_running_loop().create_future()
        queue = self._runs if is_run else self._chats
        queue.append(place)
        self._ask()
        try:
            async with asyncio.timeout(None if is_run else PATIENCE_S):
                await place
        except TimeoutError:
            self._forget(place, queue, is_run=is_run)
            raise Busy(f"All places at {self.provider} are taken.", retry_after_s=1.0) from None
        except asyncio.CancelledError:
            self._forget(place, queue, is_run=is_run)
            raise

    def _forget(
        self, place: asyncio.Future[None], queue: deque[asyncio.Future[None]], *, is_run: bool
    ) -> None:
        """Whoever leaves at the very moment of being let in gives the place back."""
        if place in queue:
            queue.remove(place)
        if place.done() and not place.cancelled():
            self.leave(is_run=is_run)

    def _ask(self) -> None:
        """Tell the keeper that more is wanted; it begins to work when there is none."""
        self._wake.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())

    def _admit(self) -> None:
        for queue, is_run in ((self._chats, False), (self._runs, True)):
            while queue and self._may(is_run=is_run):
                place = queue.popleft()
                if not place.done():
                    self._take(is_run=is_run)
                    place.set_result(None)

    async def _keep(self) -> None:
        """Ask for a share again and again while there is work, and give it back after."""
        idle_since = time.monotonic()
        while self.in_use or self._waiting or time.monotonic() - idle_since < IDLE_S:
            if self.in_use or self._waiting:
                idle_since = time.monotonic()
            await self._renew()
            self._wake.clear()
            self._admit()
            if self._waiting and self.granted < self._asked_for:
                await asyncio.sleep(ASK_AGAIN_S)  # there is no more until others give some back
            elif self._wanted <= self._asked_for:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), RENEW_S)
        await self._give_back()

    async def stop(self) -> None:
        if self._keeper is not None and not self._keeper.done():
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            await self._give_back()

    async def _give_back(self) -> None:
        self.granted, self._fresh_until = 0, 0.0
        # A Python that is ending starts no more threads; the lease then ends by itself.
        with suppress(Error, RuntimeError):
            await in_thread(shares.give_back, self.provider, self.owner)

    @property
    def _wanted(self) -> int:
        """A few more than are needed now, so that the next calls need not ask first."""
        needed = self.in_use + self._waiting
        return needed + max(needed // 2, 2)

    async def _renew(self) -> None:
        began = time.monotonic()
        self._asked_for = self._wanted
        try:
            self.granted = await in_thread(
                shares.ask, self.provider, self.owner, self._asked_for, self.in_use
            )
        except Error:
            log.warning("the share of provider=%s could not be renewed", self.provider)
            return
        self._fresh_until = began + shares.LEASE.total_seconds()


_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Gate]] = WeakKeyDictionary()


@asynccontextmanager
async def through(provider: str, *, is_run: bool) -> AsyncGenerator[None]:
    """A place at the provider for the length of one call; raises `Busy` where a chat waits long."""
    known = _gates.get(asyncio.get_running_loop())
    if known is None:
        known = _gates[asyncio.get_running_loop()] = {}
        runtime.at_close(close)
    gate = known.setdefault(provider, Gate(provider))
    await gate.enter(is_run=is_run)
    try:
        yield
    finally:
        gate.leave(is_run=is_run)


async def close() -> None:
    """Give back what this loop holds, so that the next process need not wait for its lease."""
    for gate in _gates.pop(asyncio.get_running_loop(), {}).values():
        await gate.stop()
