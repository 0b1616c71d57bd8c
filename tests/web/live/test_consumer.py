"""The live end of a trip: whose it is, resuming, acknowledging, stopping, and nonsense."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from orchestrator.models import Trip, TripEvent, TripPayload, User
from orchestrator.services.database import in_thread
from orchestrator.web import consumers
from orchestrator.web.sockets import sockets

from .conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "localhost:8760"


def sign_in(name: str) -> str:
    user, _ = User.objects.get_or_create(username=name)
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def trip_with(count: int, *, is_over: bool, name: str = "ada") -> UUID:
    """A trip with numbered pieces of text, and its last event if it is over."""
    user, _ = User.objects.get_or_create(username=name)
    state = Trip.State.DONE if is_over else Trip.State.DRIVING
    trip = Trip.objects.create(
        user=user, state=state, source="page", created_at=NOW, deadline_at=NOW
    )
    TripPayload.objects.create(trip=trip, request={})
    kinds = ["text"] * count + (["trip_finished"] if is_over else [])
    TripEvent.objects.bulk_create(
        TripEvent(trip=trip, seq=seq, kind=kind, payload={"text": str(seq)})
        for seq, kind in enumerate(kinds, start=1)
    )
    return trip.pk


@asynccontextmanager
async def opened(
    trip_id: UUID, cookie: str = "", after: str = ""
) -> AsyncIterator[WebsocketCommunicator]:
    headers = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode())]
    headers += [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]
    path = f"/ws/trips/{trip_id}/" + (f"?after={after}" if after else "")
    socket = WebsocketCommunicator(sockets, path, headers=headers)
    is_open, _ = await socket.connect()
    assert is_open
    try:
        yield socket
    finally:
        await socket.disconnect()


async def frames(socket: WebsocketCommunicator) -> list[dict[str, Any]]:
    """Everything until the socket is closed."""
    found = []
    while (message := await socket.receive_output(timeout=5))["type"] == "websocket.send":
        found.append(json.loads(message["text"]))
    return found


async def closing_code(socket: WebsocketCommunicator) -> int:
    while (message := await socket.receive_output(timeout=5))["type"] != "websocket.close":
        pass
    code: int = message["code"]
    return code


@pytest.mark.parametrize(
    ("after", "first"),
    [("", 1), ("0", 1), ("3", 4), ("5", 6), ("-1", 1), ("x", 1), ("9" * 30, 1), ("٣", 1)],
)
async def test_a_page_gets_every_event_after_the_one_it_has(after: str, first: int) -> None:
    trip_id = await in_thread(trip_with, 5, is_over=True)
    async with opened(trip_id, await in_thread(sign_in, "ada"), after) as socket:
        found = await frames(socket)
    assert [frame["seq"] for frame in found] == list(range(first, 7))
    assert found[-1]["kind"] == "trip_finished"


@pytest.mark.parametrize(
    ("name", "code"), [("", consumers.CLOSE_SIGNED_OUT), ("eve", consumers.CLOSE_NOT_FOUND)]
)
async def test_a_stranger_is_closed_out_before_any_data(name: str, code: int) -> None:
    trip_id = await in_thread(trip_with, 5, is_over=True)
    cookie = await in_thread(sign_in, name) if name else "made-up"
    async with opened(trip_id, cookie) as socket:
        assert await socket.receive_output(timeout=5) == {"type": "websocket.close", "code": code}
        await socket.send_to(text_data='{"type": "stop"}')
    trip = await in_thread(Trip.objects.get, pk=trip_id)
    assert trip.cancel_requested_at is None


async def test_a_trip_that_never_was_is_closed_out() -> None:
    async with opened(uuid4(), await in_thread(sign_in, "ada")) as socket:
        assert await closing_code(socket) == consumers.CLOSE_NOT_FOUND


async def test_stop_asks_the_trip_to_stop() -> None:
    trip_id = await in_thread(trip_with, 1, is_over=False)
    async with opened(trip_id, await in_thread(sign_in, "ada")) as socket:
        await socket.receive_from(timeout=5)
        await socket.send_to(text_data='{"type": "stop"}')
    trip = await in_thread(Trip.objects.get, pk=trip_id)
    assert trip.cancel_requested_at is not None


async def test_a_page_that_does_not_read_is_waited_for_and_then_gets_all() -> None:
    count = consumers.WINDOW + 40
    trip_id = await in_thread(trip_with, count, is_over=True)
    async with opened(trip_id, await in_thread(sign_in, "ada")) as socket:
        first = [json.loads(await socket.receive_from(timeout=5)) for _ in range(consumers.WINDOW)]
        assert await socket.receive_nothing(timeout=0.2)
        await socket.send_to(text_data='{"type": "ack", "seq": 200}')
        rest = await frames(socket)
    assert [frame["seq"] for frame in first + rest] == list(range(1, count + 2))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", consumers.CLOSE_BAD_MESSAGE),
        ("stop", consumers.CLOSE_BAD_MESSAGE),
        ("[]", consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "subscribe"}', consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "ack"}', consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "seq": -1}', consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "seq": 999}', consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "seq": NaN}', consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "seq": 1, "seq": 2}', consumers.CLOSE_BAD_MESSAGE),
        ('{"type": "stop", "x": "' + "x" * 2_000 + '"}', consumers.CLOSE_BAD_MESSAGE),
        ("[" * 500, consumers.CLOSE_BAD_MESSAGE),
        (b"\x00\x01", consumers.CLOSE_NO_BINARY),
    ],
)
async def test_nonsense_closes_the_socket(message: str | bytes, code: int) -> None:
    trip_id = await in_thread(trip_with, 0, is_over=False)
    async with opened(trip_id, await in_thread(sign_in, "ada")) as socket:
        if isinstance(message, bytes):
            await socket.send_to(bytes_data=message)
        else:
            await socket.send_input({"type": "websocket.receive", "text": message})
        assert await closing_code(socket) == code


async def test_a_flood_of_messages_closes_the_socket() -> None:
    trip_id = await in_thread(trip_with, 0, is_over=False)
    async with opened(trip_id, await in_thread(sign_in, "ada")) as socket:
        for _ in range(consumers.MAX_MESSAGES_PER_S * 3):
            await socket.send_to(text_data='{"type": "ack", "seq": 0}')
        assert await closing_code(socket) == consumers.CLOSE_BAD_MESSAGE


async def test_signing_out_closes_open_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "CHECK_EVERY_S", 0.01)
    trip_id = await in_thread(trip_with, 1, is_over=False)
    cookie = await in_thread(sign_in, "ada")
    async with opened(trip_id, cookie) as socket:
        await socket.receive_from(timeout=5)
        await in_thread(sign_out, cookie)
        assert await closing_code(socket) == consumers.CLOSE_SIGNED_OUT


def sign_out(cookie: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert client.post("/sign-out/").status_code == 302


async def test_one_person_opens_a_limited_number_of_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumers, "MAX_SOCKETS_PER_USER", 1)
    trip_id = await in_thread(trip_with, 0, is_over=False)
    cookie = await in_thread(sign_in, "ada")
    async with opened(trip_id, cookie), opened(trip_id, cookie) as second:
        assert await closing_code(second) == consumers.CLOSE_TOO_MANY
    async with opened(trip_id, cookie) as third:
        assert await third.receive_nothing(timeout=0.1)
