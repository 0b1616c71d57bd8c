"""Pattern names: a run as a page would start it, priced, capped, and told of as it goes."""

from typing import Any

import pytest

from orchestrator.models import LedgerEntry, Leg, Step, Trip, User
from orchestrator.services.database import in_thread
from orchestrator.services.runs import templates
from orchestrator.services.upkeep import invariants
from tests.gateway.asking import Api, Reply, chat

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"
QUOTES = "/v1/clutch/quotes"
ALL = ["convoy", "team", "cascade", "hybrid", "swarm"]
TASK = "Translate into German\none\ntwo\nthree"
STEPS = {"steps": [{"name": "plan"}, {"name": "do", "gear": "demo-4"}]}


async def trip_of(reply: Reply) -> Trip:
    pk = reply.headers["x-clutch-trip"]
    return await in_thread(Trip.objects.select_related("payload").get, pk=pk)


async def assert_paid(trip: Trip, told: str) -> None:
    legs = await in_thread(lambda: list(Leg.objects.filter(trip=trip)))
    settled = await in_thread(lambda: list(LedgerEntry.objects.filter(kind="settle")))
    assert len(legs) > 1
    assert told == f"0.{trip.cost_nano:09d}"
    assert trip.cost_nano == sum(leg.cost_nano for leg in legs)
    assert trip.cost_nano == sum(entry.amount_nano for entry in settled)
    assert await in_thread(invariants.breaches) == []


@pytest.mark.parametrize("pattern", ALL)
async def test_a_pattern_is_driven_and_paid_to_the_last_nano(api: Api, pattern: str) -> None:
    reply = await api.post(CHAT, chat(TASK, f"clutch-{pattern}"))
    trip = await trip_of(reply)
    assert (reply.status, trip.pattern, trip.state) == (200, pattern, "done")
    assert reply.json()["choices"][0]["message"]["content"] == trip.payload.answer != ""
    assert reply.headers["x-clutch-cap-usd"] == f"0.{trip.cap_nano:09d}"
    await assert_paid(trip, reply.headers["x-clutch-cost-usd"])


@pytest.mark.parametrize("pattern", ALL)
async def test_a_streamed_pattern_tells_its_progress_and_then_its_answer(
    api: Api, pattern: str
) -> None:
    reply = await api.post(CHAT, chat(TASK, f"clutch-{pattern}", stream=True))
    trip = await trip_of(reply)
    chunks = [each["choices"][0]["delta"] for each in reply.documents[:-1]]
    assert "".join(each.get("content", "") for each in chunks) == trip.payload.answer
    comments = [line for line in reply.body.decode().splitlines() if line.startswith(": ")]
    assert len(comments) > 1
    assert reply.documents[-1] == "[DONE]"
    await assert_paid(trip, reply.documents[-2]["clutch"]["cost_usd"])


async def test_anthropics_clients_can_ask_for_a_pattern_too(api: Api) -> None:
    asked = chat("Explain tea", "clutch-team", max_tokens=2_000, stream=True)
    reply = await api.post("/v1/messages", asked)
    trip = await trip_of(reply)
    assert reply.documents[-1] == {"type": "message_stop"}
    texts = [each["delta"]["text"] for each in reply.documents if each["type"][-6:] == "_delta"
             and each["delta"].get("type") == "text_delta"]  # fmt: skip
    assert "".join(texts) == trip.payload.answer


async def test_a_swarm_takes_what_to_do_from_the_first_line(api: Api) -> None:
    reply = await api.post(CHAT, chat(TASK, "clutch-swarm"))
    trip = await trip_of(reply)
    given = await in_thread(lambda: [s.given for s in Step.objects.filter(trip=trip)])
    assert given == ["one", "two", "three"]
    sent = trip.payload.request["messages"][0]["parts"][0]["text"]
    assert sent == "Translate into German"


async def test_items_may_stand_in_the_body(api: Api) -> None:
    own = {"items": ["a", "b"], "plan": {"each": {"name": "word", "gear": "demo-2"}}}
    reply = await api.post(CHAT, chat("Say what\nthis is", "clutch-swarm", clutch=own))
    trip = await trip_of(reply)
    legs = await in_thread(lambda: [leg.gear for leg in Leg.objects.filter(trip=trip)])
    assert legs == ["demo-2", "demo-2"]
    assert trip.payload.request["messages"][0]["parts"][0]["text"] == "Say what\nthis is"


async def test_a_plan_of_ones_own_is_driven(api: Api) -> None:
    own = {"plan": {"pattern": "convoy", **STEPS}}
    reply = await api.post(CHAT, chat("Explain tea", "clutch-convoy", clutch=own))
    trip = await trip_of(reply)
    steps = await in_thread(lambda: [s.name for s in Step.objects.filter(trip=trip)])
    assert steps == ["plan", "do"]


@pytest.mark.parametrize("words", ["", "Is tea good for me?"])
async def test_a_plan_that_is_known_by_its_name_is_filled(api: Api, words: str) -> None:
    own = {"template": "three-views", "values": {"question": "Tea or coffee?"}}
    asked: dict[str, Any] = {"model": "clutch-team", "messages": [], "clutch": own}
    if words:
        asked["messages"] = [{"role": "user", "content": words}]
    trip = await trip_of(await api.post(CHAT, asked))
    assert trip.state == "done"
    assert trip.payload.request["messages"][0]["parts"][0]["text"] == words or "Tea or coffee?"
    steps = await in_thread(lambda: {s.name for s in Step.objects.filter(trip=trip)})
    assert steps == {"advocate", "sceptic", "practitioner", "weigh"}


async def test_a_plan_that_somebody_else_kept_is_not_there(api: Api) -> None:
    def keep() -> None:
        eve = User.objects.create_user("eve")
        shipped = templates.shipped()["three-views"]
        own = templates.Template("secret", "Secret", shipped.pattern, shipped.document)
        templates.keep(eve.pk, own)

    await in_thread(keep)
    reply = await api.post(CHAT, chat("Hello", "clutch-team", clutch={"template": "secret"}))
    assert (reply.status, reply.error["param"]) == (400, "clutch.template")


@pytest.mark.parametrize(
    ("model", "own", "told"),
    [
        ("clutch-swarm", {}, "A swarm needs items"),
        ("clutch-convoy", {"plan": {"steps": []}}, "at least one"),
        ("clutch-convoy", {"plan": {"pattern": "team"}}, "another pattern"),
        ("clutch-convoy", {"plan": "a.toml"}, "is an object"),
        ("clutch-convoy", {"plan": {"steps": [{"name": "a", "gear": "demi-1"}]}}, "demo-1"),
        ("clutch-convoy", {"template": "three-views"}, "use clutch-team"),
        ("clutch-team", {"template": "three-views"}, "question"),
        ("clutch-team", {"template": "three-views", "plan": {}}, "exclude"),
        ("clutch-team", {"template": "three-views", "values": {"question": 1}}, "are texts"),
        ("clutch-team", {"cap_usd": "lots"}, "is not an amount"),
        ("clutch-team", {"cap_usd": -1}, "is not an amount"),
        ("clutch-team", {"cap_usd": 0.1}, "is a text"),
        ("clutch-swarm", {"items": [1]}, "a list of texts"),
        ("clutch-swarm", {"items": ["x"] * 50_001}, "at most 50,000"),
    ],
)
async def test_what_cannot_be_driven_is_told_before_anything_starts(
    api: Api, model: str, own: dict[str, Any], told: str
) -> None:
    for path in (CHAT, QUOTES):
        reply = await api.post(path, chat("Hello", model, clutch=own))
        assert reply.status == 400
        assert told in reply.error["message"]
    assert await in_thread(Trip.objects.count) == 0


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"function": {"name": "f"}}]},
        {"response_format": {"type": "json_object"}},
    ],
)
async def test_what_only_one_call_can_take_goes_with_a_single_answer(
    api: Api, more: dict[str, Any]
) -> None:
    reply = await api.post(CHAT, chat("Hello", "clutch-team", **more))
    assert (reply.status, reply.error["code"]) == (400, "unsupported")


async def test_a_cap_is_for_patterns(api: Api) -> None:
    reply = await api.post(CHAT, chat("Hello"), **{"x-clutch-cap-usd": "1"})
    assert (reply.status, reply.error["param"]) == (400, "x-clutch-cap-usd")


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("is_header", [False, True])
async def test_a_run_that_reaches_its_cap_ends_with_how_to_go_on(
    api: Api, is_streamed: bool, is_header: bool
) -> None:
    own = {} if is_header else {"clutch": {"cap_usd": "0.06"}}
    headers = {"x-clutch-cap-usd": "0.06"} if is_header else {}
    lines = "\n".join(["Translate", *(f"item {number}" for number in range(20))])
    asked = chat(lines, "clutch-swarm", stream=is_streamed, **own)
    reply = await api.post(CHAT, asked, **headers)
    trip = await trip_of(reply)
    error = reply.documents[-1]["error"] if is_streamed else reply.error
    assert (trip.state, trip.cap_nano) == ("paused", 60_000_000)
    assert 0 < trip.cost_nano <= trip.cap_nano
    assert error["code"] == "cap_reached"
    assert f"clutch runs resume {trip.pk} --cap DOLLARS" in error["message"]
    assert "[DONE]" not in reply.documents if is_streamed else reply.status == 429
    assert await in_thread(invariants.breaches) == []


@pytest.mark.parametrize("pattern", ALL)
async def test_a_quote_says_what_a_run_would_cost_and_starts_nothing(
    api: Api, pattern: str
) -> None:
    quote = (await api.post(QUOTES, chat(TASK, f"clutch-{pattern}"))).json()
    assert quote["pattern"] == pattern
    assert 1 < quote["calls"]["low"] <= quote["calls"]["high"]
    low, high = (float(quote["cost_usd"][end]) for end in ("low", "high"))
    assert 0 < low <= high <= float(quote["cap_usd"])
    assert quote["seconds"] > 0
    assert quote["currency"] == "demo"
    assert await in_thread(Trip.objects.count) == 0
    driven = await api.post(CHAT, chat(TASK, f"clutch-{pattern}"))
    assert driven.headers["x-clutch-cap-usd"] == quote["cap_usd"]


async def test_a_single_answer_is_quoted_as_well(api: Api) -> None:
    quote = (await api.post(QUOTES, chat("Explain tea"))).json()
    assert quote["calls"] == {"low": 1, "high": 1}
    assert quote["places"][0]["gear"] == "demo-3"
    assert 0 < float(quote["cost_usd"]["low"]) < float(quote["cost_usd"]["high"])
