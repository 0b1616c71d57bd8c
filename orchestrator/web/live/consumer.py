"""The live end of every page: one socket that follows trips, takes stops and tells of money."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import ClassVar, cast
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer

from orchestrator import json_input
from orchestrator.json_input import InvalidJson, JsonValue
from orchestrator.models import Trip
from orchestrator.services.database import in_thread
from orchestrator.services.driving import bulletins, stops
from orchestrator.services.people import sessions
from orchestrator.web import instruments
from orchestrator.web.live.follower import Follower
from orchestrator.web.live.frames import Frame

MAX_MESSAGE_BYTES = 1_024
MAX_MESSAGES_PER_S = 64
MAX_SOCKETS_PER_USER = 50
MAX_FOLLOWED = 16
# How soon an open page notices that its session ended.
CHECK_EVERY_S = 4.0
# A page that hears nothing for 25 seconds connects again.
BEAT_EVERY_S = 10.0
MAX_SEQ = 2**31

CLOSE_BAD_MESSAGE = 1008
CLOSE_NO_BINARY = 1003
CLOSE_BROKEN = 1011
CLOSE_SIGNED_OUT = 4401
CLOSE_TOO_MANY = 4429


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    channel_layer_alias = "none"  # it listens through the event log, not as a group member
    open_sockets: ClassVar[Counter[int]] = Counter()

    async def connect(self) -> None:
        """Refusals are told by close codes, which a page can only read once the socket is open."""
        self.user_id: int = self.scope["user"].pk or 0
        self.work: asyncio.Task[None] | None = None
        self.has_left = False
        self.followed: dict[UUID, tuple[Follower, asyncio.Task[None]]] = {}
        self.gauges_shown: set[str] = set()
        self.heard: tuple[int, int] = (0, 0)
        self.open_sockets[self.user_id] += 1  # before anything is awaited, so that none slips by
        await self.accept()
        if code := self._refusal():
            await self.close(code)
            return
        self.work = asyncio.create_task(self._serve())

    def _refusal(self) -> int:
        if not self.user_id:
            return CLOSE_SIGNED_OUT
        is_full = self.open_sockets[self.user_id] > MAX_SOCKETS_PER_USER
        return CLOSE_TOO_MANY if is_full else 0

    async def disconnect(self, code: int) -> None:
        self.has_left = True
        self.open_sockets[self.user_id] -= 1
        tasks = [task for _, task in self.followed.values()]
        if self.work is not None:
            tasks.append(self.work)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self) -> None:
        """Until the session ends or something breaks; the page is told which."""
        code = CLOSE_BROKEN
        listening = asyncio.create_task(self._listen())
        beating = asyncio.create_task(self._beat())
        try:
            while not (listening.done() or beating.done()):
                await asyncio.wait([listening, beating], timeout=CHECK_EVERY_S)
                if not await in_thread(sessions.is_alive, *self._session()):
                    code = CLOSE_SIGNED_OUT
                    return
        finally:
            listening.cancel()
            beating.cancel()
            await asyncio.gather(listening, beating, return_exceptions=True)
            if not self.has_left:
                await self.close(code)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            await self._tell({"kind": "beat"})

    async def _listen(self) -> None:
        async with aclosing(bulletins.listen(self.user_id)) as bulletin:
            async for news in bulletin:
                await self._tell({**news})
                if news["kind"] == bulletins.MONEY:
                    await self._show_gauges()

    async def _show_gauges(self) -> None:
        for view in self.gauges_shown:
            html = await in_thread(instruments.rendered, self.user_id, view)
            await self._tell({"kind": "gauge", "view": view, "html": html})

    async def _tell(self, frame: Frame) -> None:
        if not self.has_left:
            await self.send(text_data=json.dumps(frame))

    def _session(self) -> tuple[str, int]:
        return self.scope["session"].session_key or "", self.user_id

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.work is None:
            return
        if text_data is None:
            await self.close(CLOSE_NO_BINARY)
            return
        try:
            message = json_input.parse(text_data, max_bytes=MAX_MESSAGE_BYTES, max_depth=4)
        except InvalidJson:
            message = None
        if self._is_flood() or not await self._obey(message):
            await self.close(CLOSE_BAD_MESSAGE)

    def _is_flood(self) -> bool:
        second = int(asyncio.get_running_loop().time())
        count = self.heard[1] + 1 if self.heard[0] == second else 1
        self.heard = (second, count)
        return count > MAX_MESSAGES_PER_S

    async def _obey(self, message: JsonValue) -> bool:
        """False for anything that is no message of ours."""
        match message:
            case {"type": "watch", "view": str(view)} if view in instruments.VIEWS:
                self.gauges_shown.add(view)
                return True
            case {"type": str(kind), "trip": str(text), **rest} if trip_id := _id(text):
                return await self._obey_about(kind, trip_id, cast(dict[str, JsonValue], rest))
        return False

    async def _obey_about(self, kind: str, trip_id: UUID, rest: Mapping[str, JsonValue]) -> bool:
        match kind, rest:
            case "follow", {"after": int(after)} if 0 <= after < MAX_SEQ:
                await self._follow(trip_id, after)
            case "ack", {"seq": int(seq)}:
                follower, _ = self.followed.get(trip_id, (None, None))
                return follower is None or follower.ack(seq)
            case "stop", _:
                if await in_thread(may_stop, *self._session(), trip_id):
                    await in_thread(stops.request, trip_id)
            case "leave", _:
                await self._leave(trip_id)
            case _:
                return False
        return True

    async def _follow(self, trip_id: UUID, after: int) -> None:
        """A stranger's trip and one that never was are told alike."""
        await self._leave(trip_id)
        if len(self.followed) >= MAX_FOLLOWED:
            await self._tell({"trip": str(trip_id), "kind": "too_many"})
        elif not await in_thread(may_watch, self.user_id, trip_id):
            await self._tell({"trip": str(trip_id), "kind": "not_found"})
        else:
            follower = Follower(trip_id, after, self._tell)
            task = asyncio.create_task(follower.run())
            self.followed[trip_id] = (follower, task)
            task.add_done_callback(lambda done: self._ended(trip_id, done))

    def _ended(self, trip_id: UUID, done: "asyncio.Task[None]") -> None:
        """A broken follower ends the socket, so that the page comes back and asks again."""
        known = self.followed.get(trip_id)
        if known is not None and known[1] is done:
            del self.followed[trip_id]
        if not done.cancelled() and done.exception() is not None and self.work is not None:
            self.work.cancel()

    async def _leave(self, trip_id: UUID) -> None:
        if trip_id in self.followed:
            _, task = self.followed.pop(trip_id)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def may_watch(user_id: int, trip_id: UUID) -> bool:
    """One question, as it stands before the first word; the session is looked at all the time."""
    return Trip.objects.filter(pk=trip_id, user_id=user_id, user__is_active=True).exists()


def may_stop(session_key: str, user_id: int, trip_id: UUID) -> bool:
    """Nobody stops anything while they only look at pages as somebody else would."""
    is_in = sessions.is_alive(session_key, user_id) and not sessions.is_viewing(session_key)
    return is_in and may_watch(user_id, trip_id)
