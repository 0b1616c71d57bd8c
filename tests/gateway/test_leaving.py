"""Clients that leave: the provider is left at once, what was used is paid, a run only pauses."""

import asyncio
import json
import time

import pytest

from clutchweb.asgi import application
from orchestrator import runtime
from orchestrator.models import BudgetPeriod, Leg, Reservation, Trip
from orchestrator.services.database import in_thread
from orchestrator.services.runs import controls
from orchestrator.services.upkeep import invariants
from tests.gateway.asking import Api, Reply, chat

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"
LONG = "/demo long 5000"
SWARM = "\n".join(["Translate", *(f"item {number}" for number in range(12))])


def says_something(reply: Reply) -> bool:
    return b'"content": "T' in reply.body or b"text_delta" in reply.body


async def leave(api: Api, path: str, document: object, until: object = None) -> Reply:
    return await api.ask("POST", path, json.dumps(document).encode(), {}, until)  # type: ignore[arg-type]


async def assert_settled() -> None:
    held = Reservation.objects.filter(state="held").count
    assert await in_thread(held) == 0
    periods = await in_thread(lambda: list(BudgetPeriod.objects.all()))
    assert {period.reserved_nano for period in periods} <= {0}
    assert await in_thread(lambda: list(invariants.breaches())) == []


@pytest.mark.parametrize(("path", "more"), [(CHAT, {}), ("/v1/messages", {"max_tokens": 20_000})])
async def test_who_leaves_in_the_middle_of_a_stream_stops_the_trip(
    patient_api: Api, path: str, more: dict[str, int]
) -> None:
    asked = chat(LONG, "demo-1", stream=True, **more)
    began = time.monotonic()
    reply = await leave(patient_api, path, asked, says_something)
    assert not reply.has_ended
    assert time.monotonic() - began < 5
    trip = await in_thread(Trip.objects.get)
    leg = await in_thread(Leg.objects.get)
    assert (trip.state, leg.state) == ("stopped", "stopped")
    assert trip.cost_nano == leg.cost_nano > 0
    await assert_settled()


async def test_who_leaves_before_the_first_word_stops_it_too(patient_api: Api) -> None:
    asked = json.dumps(chat("/demo hang", "demo-1")).encode()
    leaving = asyncio.create_task(_left_after(patient_api, asked))
    assert (await leaving).status == 0
    trip = await in_thread(Trip.objects.get)
    assert trip.state == "stopped"
    await assert_settled()


async def _left_after(api: Api, body: bytes) -> Reply:
    """Leaves when the call has been sent to the provider."""
    reply, messages = Reply(), [{"type": "http.request", "body": body}]

    async def receive() -> object:
        if messages:
            return messages.pop()
        while not await in_thread(Leg.objects.filter(sent_at__isnull=False).exists):
            continue
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        reply.status = -1

    scope = api.scope("POST", CHAT, {})
    await application(scope, receive, send)  # type: ignore[arg-type]
    return reply


async def test_who_leaves_a_run_pauses_it_and_somebody_may_go_on(patient_api: Api) -> None:
    asked = chat(SWARM, "clutch-swarm", stream=True)
    reply = await leave(patient_api, CHAT, asked, lambda reply: b"of 12 items" in reply.body)
    assert b"[DONE]" not in reply.body
    trip = await in_thread(Trip.objects.get)
    assert trip.state == "paused"
    await assert_settled()
    await in_thread(lambda: controls.resume(trip, source=Trip.Source.PAGE))


async def test_the_loop_is_left_without_tasks(patient_api: Api) -> None:
    before = asyncio.all_tasks()
    await leave(patient_api, CHAT, chat(LONG, "demo-1", stream=True), says_something)
    await runtime.close()
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize(
    ("model", "text", "told"),
    [("demo-1", LONG, "was stopped"), ("clutch-swarm", SWARM, "clutch runs resume")],
)
async def test_who_is_still_there_when_the_server_closes_is_told(
    patient_api: Api, model: str, text: str, told: str
) -> None:
    """A stream that only ended would look like a whole answer to some clients."""
    serving: list[asyncio.Task[Reply]] = []

    def close(reply: Reply) -> bool:
        has_begun = says_something(reply) or b"of 12 items" in reply.body
        if has_begun and not serving[0].cancelling():
            serving[0].cancel()
        return False

    asked = json.dumps(chat(text, model, stream=True)).encode()
    asking = patient_api.ask("POST", CHAT, asked, until=close)
    serving.append(asyncio.create_task(asking))
    reply = await serving[0]
    error = reply.documents[-1]["error"]
    assert reply.has_ended
    assert (error["code"], told in error["message"]) == ("interrupted", True)
    assert "[DONE]" not in reply.documents
    await assert_settled()


async def test_a_request_whose_client_left_is_not_told_as_whole_with_its_key(
    patient_api: Api,
) -> None:
    asked, key = chat(LONG, "demo-1", stream=True), {"idempotency-key": "once"}
    body = json.dumps(asked).encode()
    await patient_api.ask("POST", CHAT, body, key, says_something)
    again = await patient_api.post(CHAT, asked, **key)
    assert (again.status, again.error["code"]) == (409, "stopped")
    assert again.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("model", ["demo-1", "clutch-team"])
async def test_who_leaves_at_once_leaves_nothing_behind(patient_api: Api, model: str) -> None:
    body = json.dumps(chat("Explain tea", model)).encode()
    reply = await patient_api.ask("POST", CHAT, body, leaves_at_once=True)
    assert reply.status == 0
    trip = await in_thread(Trip.objects.get)
    assert trip.state in ("stopped", "paused")
    await assert_settled()


@pytest.mark.parametrize("model", ["demo-1", "clutch-team"])
async def test_who_asks_again_with_a_key_and_leaves_does_not_stop_the_first(
    patient_api: Api, model: str
) -> None:
    body = json.dumps(chat("Explain tea", model, stream=True)).encode()
    key = {"idempotency-key": "once"}
    others: list[asyncio.Task[Reply]] = []

    def ask_again(reply: Reply) -> bool:
        if len(others) < 3:
            asking = patient_api.ask("POST", CHAT, body, key, leaves_at_once=True)
            others.append(asyncio.create_task(asking))
        return False

    reply = await patient_api.ask("POST", CHAT, body, key, ask_again)
    assert reply.documents[-1] == "[DONE]"
    await asyncio.gather(*others)
    assert await in_thread(lambda: [trip.state for trip in Trip.objects.all()]) == ["done"]
