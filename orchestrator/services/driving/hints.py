"""Telling other processes through the channel layer that something moved, and hearing of it.

Hints only: they may be lost, and a Redis that is away or stalled costs a moment, once. Whoever
hears nothing for a while looks into the database.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)
Hint = Mapping[str, Any]
# Long enough for a Redis that is busy, and short enough that nobody notices one that is stalled.
WAIT_S = 0.5
# A stalled Redis is left alone for so long, or every piece of an answer would wait for it.
REST_S = 5.0
TELL_AGAIN_AFTER_S = 60.0


class _Patience:
    """After one timeout nothing is tried for a while."""

    def __init__(self) -> None:
        self._until_s = 0.0

    @property
    def is_over(self) -> bool:
        return time.monotonic() < self._until_s

    def lose(self) -> None:
        now_s = time.monotonic()
        if now_s - self._until_s > TELL_AGAIN_AFTER_S or not self._until_s:
            log.warning("Redis does not answer; pages look for news themselves for a while")
        self._until_s = now_s + REST_S


patience = _Patience()


async def send(group: str, hint: Hint) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await _tried(layer.group_send(group, dict(hint)))


@asynccontextmanager
async def listening(group: str) -> AsyncGenerator["Ears"]:
    ears = Ears(group)
    try:
        yield ears
    finally:
        await ears.close()


class Ears:
    """Hears the hints of one group; deaf while Redis is away, and again well by itself."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._layer = get_channel_layer()
        self._channel = ""
        self._is_member = False
        self._receiving: asyncio.Task[Hint] | None = None

    async def open(self) -> bool:
        """Before anything is read, so that nothing falls between reading and hearing."""
        if not self._channel:
            self._channel = await _tried(self._layer.new_channel()) or ""
        if self._channel and not self._is_member:
            added = self._layer.group_add(self._group, self._channel)
            self._is_member = await _tried(_and_then_true(added)) or False
        return self._is_member

    async def hear(self, wait_s: float) -> Hint | None:
        """The next hint, or None when none came in time."""
        if not await self.open():
            await asyncio.sleep(wait_s)
            return None
        # Never cancelled while it waits: Redis' layer would forget the channel.
        if self._receiving is None:
            self._receiving = asyncio.create_task(self._layer.receive(self._channel))
        await asyncio.wait({self._receiving}, timeout=wait_s)
        if not self._receiving.done():
            return None
        receiving, self._receiving = self._receiving, None
        return receiving.result()

    async def close(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.wait({self._receiving}, timeout=WAIT_S)
        if self._is_member:
            await _tried(self._layer.group_discard(self._group, self._channel))


async def _and_then_true(work: Coroutine[Any, Any, Any]) -> bool:
    await work
    return True


async def _tried(work: Coroutine[Any, Any, Any]) -> Any:
    """Its result, or None when Redis did not do it in time."""
    if patience.is_over:
        work.close()
        return None
    try:
        return await asyncio.wait_for(work, WAIT_S)
    except TimeoutError:
        patience.lose()
    except _faults() as fault:
        log.info("Redis did not pass a hint on reason=%s", fault)
    return None


def _faults() -> tuple[type[Exception], ...]:
    """Asked only when something was raised: importing redis takes as long as a whole command."""
    from redis.exceptions import RedisError

    return (OSError, RedisError)
