"""Budgets: who has none left is told in the sentence of the page, and nobody sends it again."""

import pytest

from orchestrator.models import Leg, Trip, User
from orchestrator.services.database import in_thread
from orchestrator.services.driving import planning, requests
from orchestrator.services.money import budgets
from orchestrator.services.people.identity import Caller
from tests.gateway.asking import Api, chat
from tests.gateway.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"


async def empty(user_id: int) -> None:
    await in_thread(budgets.set_limit, "user", str(user_id), "day", 0, "demo")


@pytest.mark.parametrize("model", ["clutch-auto", "demo-3"])
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_an_empty_budget_is_told_as_on_the_page(
    api: Api, caller: Caller, model: str, is_streamed: bool
) -> None:
    await empty(caller.user_id)
    reply = await api.post(CHAT, chat("Hello", model, stream=is_streamed))
    assert reply.status == 429
    assert reply.headers["x-should-retry"] == "false"
    assert "retry-after" not in reply.headers
    assert (reply.error["type"], reply.error["code"]) == ("insufficient_quota", "budget_exceeded")
    if model == "clutch-auto":
        receipt = await in_thread(planning.preview, caller, requests.from_text("Hello"))
        assert receipt["message"] in reply.error["message"]
    assert await in_thread(Leg.objects.count) == 0


async def test_anthropics_clients_hear_of_it_as_of_a_bill(api: Api, caller: Caller) -> None:
    await empty(caller.user_id)
    reply = await api.post("/v1/messages", chat("Hello", max_tokens=100))
    assert (reply.status, reply.error["type"]) == (402, "billing_error")
    assert reply.headers["x-should-retry"] == "false"


async def test_a_run_that_no_budget_pays_for_is_not_started(api: Api, caller: Caller) -> None:
    await empty(caller.user_id)
    for path in (CHAT, "/v1/clutch/quotes"):
        reply = await api.post(path, chat("Hello", "clutch-team"))
        assert (reply.status, reply.error["code"]) == (429, "budget_exceeded")
    assert await in_thread(Trip.objects.count) == 0


async def test_the_budget_of_one_person_is_not_that_of_another(api: Api, caller: Caller) -> None:
    await empty(caller.user_id)
    eve = await in_thread(lambda: client_of(User.objects.create_user("eve")))
    assert (await eve.post(CHAT, chat("Hello"))).status == 200


async def test_what_a_token_may_spend_binds_it(api: Api) -> None:
    owner = await in_thread(User.objects.get, is_owner=True)
    other = await in_thread(client_of, owner)
    token = await in_thread(owner.api_tokens.order_by("created_at").first)
    assert token is not None
    await in_thread(budgets.set_limit, "token", str(token.pk), "day", 0, "demo")
    assert (await api.post(CHAT, chat("Hello"))).status == 429
    assert (await other.post(CHAT, chat("Hello"))).status == 200
