"""The live socket: following, resuming, acknowledging, stopping, gauges, and nonsense."""

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
from orchestrator.services.driving import bulletins
from orchestrator.web.live import consumer, follower
from orchestrator.web.live.sockets import sockets
from tests.web.conftest import NOW

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
async def opened(cookie: str = "") -> AsyncIterator[WebsocketCommunicator]:
    headers = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode())]
    headers += [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]
    socket = WebsocketCommunicator(sockets, "/ws/live/", headers=headers)
    is_open, _ = await socket.connect()
    assert is_open
    try:
        yield socket
    finally:
        await socket.disconnect()


async def say(socket: WebsocketCommunicator, kind: str, trip: UUID, **rest: object) -> None:
    await socket.send_to(text_data=json.dumps({"type": kind, "trip": str(trip), **rest}))


async def frames(socket: WebsocketCommunicator) -> list[dict[str, Any]]:
    """Everything of the followed trip until its last."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["kind"] not in ("over", "not_found", "too_many"):
        found.append(json.loads(await socket.receive_from(timeout=5)))
    return found


async def closing_code(socket: WebsocketCommunicator) -> int:
    while (message := await socket.receive_output(timeout=5))["type"] != "websocket.close":
        pass
    code: int = message["code"]
    return code


def numbers(found: list[dict[str, Any]]) -> list[int]:
    return [frame["seq"] for frame in found if "seq" in frame]


@pytest.mark.parametrize(("after", "first"), [(0, 1), (3, 4), (5, 6), (99, 7)])
async def test_a_page_gets_every_event_after_the_one_it_has(after: int, first: int) -> None:
    trip_id = await in_thread(trip_with, 5, is_over=True)
    async with opened(await in_thread(sign_in, "ada")) as socket:
        await say(socket, "follow", trip_id, after=after)
        found = await frames(socket)
    assert numbers(found) == list(range(first, 7))
    assert found[-1] == {"trip": str(trip_id), "kind": "over"}


async def test_a_page_that_resumes_is_shown_the_same_as_one_that_watched() -> None:
    trip_id = await in_thread(trip_with, 0, is_over=False)
    pieces = ["# He", "ading\n\nfirst ", "line\n\n```py\nx", " = 1\n```\n\nend", "."]
    await in_thread(
        TripEvent.objects.bulk_create,
        [
            TripEvent(trip_id=trip_id, seq=seq, kind="text", payload={"text": text})
            for seq, text in enumerate(pieces, start=1)
        ]
        + [TripEvent(trip_id=trip_id, seq=6, kind="trip_finished", payload={})],
    )
    await in_thread(Trip.objects.filter(pk=trip_id).update, state="done")
    async with opened(await in_thread(sign_in, "ada")) as socket:
        await say(socket, "follow", trip_id, after=0)
        watched = await frames(socket)
        await say(socket, "follow", trip_id, after=3)
        resumed = await frames(socket)
    assert resumed == [frame for frame in watched if frame.get("seq", 9) > 3]
    assert "<h3>Heading</h3>" in "".join(frame.get("closed", "") for frame in watched)


async def test_a_stranger_is_told_that_there_is_no_such_trip() -> None:
    trip_id = await in_thread(trip_with, 5, is_over=False)
    async with opened(await in_thread(sign_in, "eve")) as socket:
        for unknown in (trip_id, uuid4()):
            await say(socket, "follow", unknown, after=0)
            assert await frames(socket) == [{"trip": str(unknown), "kind": "not_found"}]
        await say(socket, "stop", trip_id)
        await say(socket, "follow", uuid4(), after=0)
        await frames(socket)
    trip = await in_thread(Trip.objects.get, pk=trip_id)
    assert trip.cancel_requested_at is None


async def test_without_a_session_it_is_closed_at_once() -> None:
    async with opened("made-up") as socket:
        assert await closing_code(socket) == consumer.CLOSE_SIGNED_OUT


async def test_stop_asks_the_trip_to_stop() -> None:
    trip_id = await in_thread(trip_with, 1, is_over=False)
    async with opened(await in_thread(sign_in, "ada")) as socket:
        await say(socket, "stop", trip_id)
        await say(socket, "follow", trip_id, after=0)
        await socket.receive_from(timeout=5)
    trip = await in_thread(Trip.objects.get, pk=trip_id)
    assert trip.cancel_requested_at is not None


async def test_a_page_that_does_not_read_is_waited_for_and_then_gets_all() -> None:
    count = follower.WINDOW + 40
    trip_id = await in_thread(trip_with, count, is_over=True)
    async with opened(await in_thread(sign_in, "ada")) as socket:
        await say(socket, "follow", trip_id, after=0)
        first = [json.loads(await socket.receive_from(timeout=5)) for _ in range(follower.WINDOW)]
        assert await socket.receive_nothing(timeout=0.2)
        await say(socket, "ack", trip_id, seq=200)
        rest = await frames(socket)
    assert numbers(first + rest) == list(range(1, count + 2))


async def test_several_trips_share_a_socket_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "MAX_FOLLOWED", 2)
    trips = [await in_thread(trip_with, 0, is_over=False) for _ in range(3)]
    async with opened(await in_thread(sign_in, "ada")) as socket:
        for trip_id in trips:
            await say(socket, "follow", trip_id, after=0)
        assert await frames(socket) == [{"trip": str(trips[2]), "kind": "too_many"}]
        await say(socket, "leave", trips[0])
        await say(socket, "follow", trips[2], after=0)
        assert await socket.receive_nothing(timeout=0.1)


async def test_every_page_of_a_person_hears_of_their_money_and_nobody_elses() -> None:
    cookie, other = await in_thread(sign_in, "ada"), await in_thread(sign_in, "eve")
    ada = await in_thread(User.objects.get, username="ada")
    async with opened(cookie) as page, opened(other) as foreign:
        await page.send_to(text_data=json.dumps({"type": "watch", "view": "gauge"}))
        await page.send_to(text_data=json.dumps({"type": "watch", "view": "cluster"}))
        # asked and answered, so both listen by now
        await say(page, "follow", uuid4(), after=0)
        await frames(page)
        await bulletins.post(ada.pk, {"kind": bulletins.MONEY})
        heard = [json.loads(await page.receive_from(timeout=5)) for _ in range(3)]
        assert await foreign.receive_nothing(timeout=0.1)
    assert [frame["kind"] for frame in heard] == ["money_moved", "gauge", "gauge"]
    shown = {frame["view"]: frame["html"] for frame in heard[1:]}
    assert "Budget" in shown["gauge"] or "budget" in shown["gauge"]
    assert 'aria-label="Instruments"' in shown["cluster"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", consumer.CLOSE_BAD_MESSAGE),
        ("stop", consumer.CLOSE_BAD_MESSAGE),
        ("[]", consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "stop"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "stop", "trip": "x"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "watch", "view": "../secret"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "subscribe", "trip": "TRIP"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "follow", "trip": "TRIP"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "follow", "trip": "TRIP", "after": -1}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "follow", "trip": "TRIP", "after": 1e99}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "follow", "trip": "TRIP", "after": "1"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "trip": "TRIP"}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "trip": "TRIP", "seq": -1}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "trip": "TRIP", "seq": 999}', consumer.CLOSE_BAD_MESSAGE),
        ('{"type": "ack", "trip": "TRIP", "seq": NaN}', consumer.CLOSE_BAD_MESSAGE),
        (
            '{"type": "stop", "trip": "TRIP", "x": "' + "x" * 2_000 + '"}',
            consumer.CLOSE_BAD_MESSAGE,
        ),
        ("[" * 500, consumer.CLOSE_BAD_MESSAGE),
        (b"\x00\x01", consumer.CLOSE_NO_BINARY),
    ],
)
async def test_nonsense_closes_the_socket(message: str | bytes, code: int) -> None:
    trip_id = await in_thread(trip_with, 0, is_over=False)
    async with opened(await in_thread(sign_in, "ada")) as socket:
        await say(socket, "follow", trip_id, after=0)
        if isinstance(message, bytes):
            await socket.send_to(bytes_data=message)
        else:
            text = message.replace("TRIP", str(trip_id))
            await socket.send_input({"type": "websocket.receive", "text": text})
        assert await closing_code(socket) == code


async def test_a_flood_of_messages_closes_the_socket() -> None:
    async with opened(await in_thread(sign_in, "ada")) as socket:
        for _ in range(consumer.MAX_MESSAGES_PER_S * 3):
            await say(socket, "leave", uuid4())
        assert await closing_code(socket) == consumer.CLOSE_BAD_MESSAGE


async def test_signing_out_closes_open_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "CHECK_EVERY_S", 0.01)
    cookie = await in_thread(sign_in, "ada")
    async with opened(cookie) as socket:
        await in_thread(sign_out, cookie)
        assert await closing_code(socket) == consumer.CLOSE_SIGNED_OUT


def sign_out(cookie: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert client.post("/sign-out/").status_code == 302


async def test_a_page_that_hears_nothing_else_hears_a_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "BEAT_EVERY_S", 0.01)
    async with opened(await in_thread(sign_in, "ada")) as socket:
        assert json.loads(await socket.receive_from(timeout=5)) == {"kind": "beat"}


async def test_one_person_opens_a_limited_number_of_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "MAX_SOCKETS_PER_USER", 1)
    cookie = await in_thread(sign_in, "ada")
    async with opened(cookie), opened(cookie) as second:
        assert await closing_code(second) == consumer.CLOSE_TOO_MANY
    async with opened(cookie) as third:
        assert await third.receive_nothing(timeout=0.1)
