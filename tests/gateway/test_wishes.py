"""What a client wishes beside its words, and rules that wish something else."""

import pytest

from orchestrator.models import FleetVersion, Leg, Profile, Rule, Trip, User
from orchestrator.services.database import in_thread
from tests.gateway.asking import Api, Reply, chat
from tests.gateway.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"
TOOL = {"type": "function", "function": {"name": "get_time"}}


async def trip_of(reply: Reply) -> Trip:
    return await in_thread(Trip.objects.get, pk=reply.headers["x-clutch-trip"])


async def make_rule(**then: str) -> None:
    await in_thread(lambda: Rule.objects.create(name="r", when={"keywords": ["tea"]}, then=then))
    await in_thread(FleetVersion.bump)


async def test_a_road_may_be_named(api: Api) -> None:
    reply = await api.post(CHAT, chat("Explain tea", clutch={"road": "highway"}))
    assert reply.headers["x-clutch-road"] == "highway"
    unknown = await api.post(CHAT, chat("Explain tea", clutch={"road": "highwy"}))
    assert unknown.status == 400
    assert "highway" in unknown.error["message"]


async def test_the_policy_of_a_name_counts(api: Api) -> None:
    cheap = await api.post(CHAT, chat("Prove that it halts", "clutch-auto:budget"))
    dear = await api.post(CHAT, chat("Prove that it halts", "clutch-auto:premium"))
    assert cheap.headers["x-clutch-gear"] < dear.headers["x-clutch-gear"]


async def test_a_profile_is_its_owners(api: Api) -> None:
    def make() -> Api:
        eve = User.objects.create_user("eve")
        Profile.objects.create(name="cheap", user=eve, allowed_gears=["demo-1"])
        return client_of(eve)

    eve = await in_thread(make)
    asked = chat("Explain tea", clutch={"profile": "cheap"})
    assert (await eve.post(CHAT, asked)).headers["x-clutch-gear"] == "demo-1"
    strange = await api.post(CHAT, asked)
    assert strange.status == 400
    assert await in_thread(Leg.objects.count) == 1


async def test_a_rule_may_make_a_run_of_a_question(api: Api) -> None:
    await make_rule(pattern="convoy")
    reply = await api.post(CHAT, chat("Explain tea", stream=True))
    trip = await trip_of(reply)
    assert (trip.pattern, trip.state) == ("convoy", "done")
    assert b": plan: driving" in reply.body
    assert reply.documents[-1] == "[DONE]"


async def test_a_rule_makes_no_run_of_what_only_one_call_can_take(api: Api) -> None:
    await make_rule(pattern="convoy")
    reply = await api.post(CHAT, chat("get_time for tea", tools=[TOOL]))
    assert reply.json()["choices"][0]["finish_reason"] == "tool_calls"
    assert (await trip_of(reply)).pattern == "single"
