"""The live end of a trip's page: numbered events as JSON, resumed wherever they broke off."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any, ClassVar
from urllib.parse import parse_qs
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.sessions.backends.db import SessionStore

from orchestrator import json_input
from orchestrator.json_input import InvalidJson, JsonValue
from orchestrator.models import User
from orchestrator.services.database import in_thread
from orchestrator.services.driving import event_log, stops
from orchestrator.web.access import own_trips

# A browser that reads slowly holds at most this many frames in our memory.
WINDOW = 256
MAX_MESSAGE_BYTES = 1_024
MAX_MESSAGES_PER_S = 64
MAX_SOCKETS_PER_USER = 50
# How soon an open page notices that its session ended.
CHECK_EVERY_S = 4.0
MAX_SEQ = 2**31

CLOSE_BAD_MESSAGE = 1008
CLOSE_NO_BINARY = 1003
CLOSE_DONE = 1000
CLOSE_BROKEN = 1011
CLOSE_SIGNED_OUT = 4401
CLOSE_NOT_FOUND = 4404
CLOSE_TOO_MANY = 4429


class TripConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    channel_layer_alias = "none"  # it listens through the event log, not as a group member
    open_sockets: ClassVar[Counter[int]] = Counter()

    async def connect(self) -> None:
        """Refusals are told by close codes, which a page can only read once the socket is open."""
        self.user_id: int = self.scope["user"].pk or 0
        self.trip_id: UUID = self.scope["url_route"]["kwargs"]["pk"]
        self.work: asyncio.Task[None] | None = None
        self.has_left = False
        self.open_sockets[self.user_id] += 1  # before anything is awaited, so that none slips by
        await self.accept()
        if code := await self._refusal():
            await self.close(code)
            return
        self.acked = self.sent = _after(self.scope)
        self.room = asyncio.Event()
        self.heard: tuple[int, int] = (0, 0)
        self.work = asyncio.create_task(self._serve())

    async def _refusal(self) -> int:
        if not self.user_id:
            return CLOSE_SIGNED_OUT
        if self.open_sockets[self.user_id] > MAX_SOCKETS_PER_USER:
            return CLOSE_TOO_MANY
        is_own = await in_thread(may_watch, self.user_id, self.trip_id)
        return 0 if is_own else CLOSE_NOT_FOUND

    async def disconnect(self, code: int) -> None:
        self.has_left = True
        self.open_sockets[self.user_id] -= 1
        if self.work is None:
            return
        self.work.cancel()
        with suppress(asyncio.CancelledError):
            await self.work

    async def _serve(self) -> None:
        code = CLOSE_BROKEN
        try:
            code = await self._watch()
        finally:
            if not self.has_left:
                await self.close(code)

    async def _watch(self) -> int:
        """Send until the trip is over or the session is; says how to close."""
        sending = asyncio.create_task(self._send_all())
        try:
            while not sending.done():
                await asyncio.wait([sending], timeout=CHECK_EVERY_S)
                if not sending.done() and not await in_thread(is_signed_in, *self._session()):
                    return CLOSE_SIGNED_OUT
            sending.result()
            return CLOSE_DONE
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    def _session(self) -> tuple[str, int]:
        return self.scope["session"].session_key or "", self.user_id

    async def _send_all(self) -> None:
        while not await self._send_until_full():
            await self._wait_for_room()

    async def _send_until_full(self) -> bool:
        """True when the last event was sent; False when the page must read first."""
        async with aclosing(event_log.follow(self.trip_id, self.sent)) as frames:
            async for frame in frames:
                await self.send(text_data=json.dumps(frame))
                self.sent = frame["seq"]
                if self.sent - self.acked >= WINDOW:
                    return False
        return True

    async def _wait_for_room(self) -> None:
        while self.sent - self.acked >= WINDOW:
            self.room.clear()
            await self.room.wait()

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
            case {"type": "stop"}:
                if await in_thread(is_signed_in, *self._session()):
                    await in_thread(stops.request, self.trip_id)
            case {"type": "ack", "seq": int(seq)} if 0 <= seq <= self.sent:
                self.acked = max(self.acked, seq)
                self.room.set()
            case _:
                return False
        return True


def _after(scope: Mapping[str, Any]) -> int:
    """Where the page stands, from its address; anything odd means from the beginning."""
    text = parse_qs(scope["query_string"].decode("latin1")).get("after", ["0"])[0]
    is_number = text.isascii() and text.isdigit() and len(text) < 11
    return int(text) if is_number and int(text) < MAX_SEQ else 0


def may_watch(user_id: int, trip_id: UUID) -> bool:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user is not None and own_trips(user).filter(pk=trip_id).exists()


def is_signed_in(session_key: str, user_id: int) -> bool:
    """Whether the session that opened the socket still stands."""
    if not session_key or not User.objects.filter(pk=user_id, is_active=True).exists():
        return False
    return SessionStore().exists(session_key)
