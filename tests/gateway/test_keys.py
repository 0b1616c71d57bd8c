"""Idempotency keys: the same request is answered once and told again, and nothing is paid twice."""

import asyncio

import pytest

from orchestrator.models import Leg, Trip, User
from orchestrator.services.database import in_thread
from tests.gateway.asking import Api, chat
from tests.gateway.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"
KEY = {"idempotency-key": "order 66"}


async def test_a_request_that_is_sent_again_is_told_again(api: Api) -> None:
    first = await api.post(CHAT, chat("Explain tea"), **KEY)
    again = await api.post(CHAT, chat("Explain tea"), **KEY)
    for name in ("x-clutch-trip", "x-clutch-cost-usd", "x-clutch-gear", "x-clutch-road"):
        assert again.headers[name] == first.headers[name]
    assert again.json()["choices"] == first.json()["choices"]
    assert again.json()["usage"] == first.json()["usage"]
    assert await in_thread(Leg.objects.count) == 1


async def test_it_may_be_streamed_the_second_time(api: Api) -> None:
    first = await api.post(CHAT, chat("Explain tea"), **KEY)
    again = await api.post(CHAT, chat("Explain tea", stream=True), **KEY)
    pieces = [each["choices"][0]["delta"] for each in again.documents[:-1]]
    told = "".join(piece.get("content", "") for piece in pieces)
    assert told == first.json()["choices"][0]["message"]["content"]


async def test_a_failure_is_told_again(api: Api) -> None:
    first = await api.post(CHAT, chat("/demo auth", "demo-1"), **KEY)
    again = await api.post(CHAT, chat("/demo auth", "demo-1"), **KEY)
    assert (first.status, again.status) == (502, 502)
    assert again.error["code"] == first.error["code"]


async def test_a_key_is_for_one_request(api: Api) -> None:
    await api.post(CHAT, chat("Explain tea"), **KEY)
    other = await api.post(CHAT, chat("Explain coffee"), **KEY)
    assert (other.status, other.error["code"]) == (422, "idempotency_key_reused")


async def test_two_at_the_same_time_are_driven_once(api: Api) -> None:
    both = await asyncio.gather(*(api.post(CHAT, chat("Explain tea"), **KEY) for _ in range(2)))
    statuses = sorted(reply.status for reply in both)
    assert statuses in ([200, 409], [200, 200])
    assert await in_thread(Trip.objects.count) == 1
    assert await in_thread(Leg.objects.count) == 1


async def test_keys_of_different_people_are_different_keys(api: Api) -> None:
    eve = await in_thread(lambda: client_of(User.objects.create_user("eve")))
    mine = await api.post(CHAT, chat("Explain tea"), **KEY)
    theirs = await eve.post(CHAT, chat("Explain tea"), **KEY)
    assert theirs.status == 200
    assert theirs.headers["x-clutch-trip"] != mine.headers["x-clutch-trip"]


async def test_a_key_has_a_length(api: Api) -> None:
    reply = await api.post(CHAT, chat("Hello"), **{"idempotency-key": "k" * 256})
    assert reply.status == 400
