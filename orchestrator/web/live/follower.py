"""One trip as one page follows it: resumed anywhere, and no faster than the page reads."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from uuid import UUID

from orchestrator.services.database import in_thread
from orchestrator.services.driving import event_log
from orchestrator.web.live.frames import Frame, PageFrames

# A browser that reads slowly holds at most this many frames in our memory.
WINDOW = 256
Send = Callable[[Frame], Awaitable[None]]


class Follower:
    def __init__(self, trip_id: UUID, after: int, send: Send) -> None:
        self.trip_id = trip_id
        self.sent = self.acked = after
        self._send = send
        self._room = asyncio.Event()
        self._frames = PageFrames()

    async def run(self) -> None:
        """Until the trip's last event was sent."""
        await self._catch_up()
        while not await self._send_until_full():
            await self._wait_for_room()
        await self._send({"trip": str(self.trip_id), "kind": "over"})

    async def _catch_up(self) -> None:
        """What the page has already been told decides how the rest is shown."""
        seen = 0
        while seen < self.sent:
            events = await in_thread(event_log.read, self.trip_id, seen)
            for event in events:
                if event["seq"] <= self.sent:
                    self._frames.of(event)
            if not events:
                return
            seen = events[-1]["seq"]

    async def _send_until_full(self) -> bool:
        """True when the last event was sent; False when the page must read first."""
        async with aclosing(event_log.follow(self.trip_id, self.sent)) as events:
            async for event in events:
                await self._send({"trip": str(self.trip_id), **self._frames.of(event)})
                self.sent = event["seq"]
                if self.sent - self.acked >= WINDOW:
                    return False
        return True

    async def _wait_for_room(self) -> None:
        while self.sent - self.acked >= WINDOW:
            self._room.clear()
            await self._room.wait()

    def ack(self, seq: int) -> bool:
        """False for a number that was never sent."""
        if not 0 <= seq <= self.sent:
            return False
        self.acked = max(self.acked, seq)
        self._room.set()
        return True
