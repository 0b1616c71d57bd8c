"""Who may call: one decision for every header, and nothing for anybody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator.models import Trip, User
from orchestrator.services.database import in_thread
from orchestrator.services.people import tokens
from orchestrator.services.people.identity import Caller
from tests.gateway.asking import Api, chat
from tests.gateway.conftest import client_of
from tests.services.people.crew import Crew, muster

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"
ALL = ["/v1/models", "/v1/models/demo-1"]
POSTED = [CHAT, "/v1/messages", "/v1/messages/count_tokens", "/v1/clutch/quotes"]


@pytest.fixture
def crew(caller: Caller) -> Crew:
    return muster()


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key", "x-goog-api-key"])
async def test_a_token_is_taken_in_the_header_that_a_client_knows(api: Api, header: str) -> None:
    value = f"Bearer {api.token}" if header == "authorization" else api.token
    assert (await Api().get("/v1/models", **{header: value})).status == 200
    assert (await Api().get("/v1/models", **{header: value[:-1] + "!"})).status == 401


@pytest.mark.parametrize("path", ALL)
async def test_without_a_token_nothing_is_read(api: Api, path: str) -> None:
    reply = await Api().get(path)
    assert reply.status == 401
    assert reply.error["code"] == "invalid_api_key"
    assert "clutch tokens create" in reply.error["message"]


@pytest.mark.parametrize("path", POSTED)
async def test_without_a_token_no_body_is_looked_at(api: Api, path: str) -> None:
    reply = await Api().ask("POST", path, b"\x00not json")
    assert reply.status == 401
    assert reply.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ' OR '1'='1", "clk_", "clk_aaaaaaaaaaaa_" + "a" * 43, "a" * 10_000, "ü"],
)
async def test_a_wrong_token_is_like_none(api: Api, value: str) -> None:
    assert (await Api().get("/v1/models", authorization=value)).status == 401


async def test_two_tokens_at_once_are_none(api: Api) -> None:
    both = {"authorization": f"Bearer {api.token}", "x-api-key": "clk_another"}
    reply = await Api().get("/v1/models", **both)
    assert reply.status == 401
    assert "Two different" in reply.error["message"]
    same = {"authorization": f"Bearer {api.token}", "x-api-key": api.token}
    assert (await Api().get("/v1/models", **same)).status == 200


async def test_an_expired_token_is_refused(caller: Caller) -> None:
    owner = await in_thread(User.objects.get, is_owner=True)
    past = timezone.now() - timedelta(seconds=1)
    expired = await in_thread(lambda: client_of(owner, expires_at=past))
    assert (await expired.post(CHAT, chat("Hello"))).status == 401


async def test_a_revoked_token_is_refused_at_once(api: Api) -> None:
    owner = await in_thread(User.objects.get, is_owner=True)
    assert (await api.get("/v1/models")).status == 200
    public_id = api.token.split("_")[1]
    await in_thread(tokens.revoke, owner, public_id, timezone.now())
    assert (await api.get("/v1/models")).status == 401


@pytest.mark.parametrize("path", POSTED)
async def test_a_token_without_the_scope_may_not_call(caller: Caller, path: str) -> None:
    owner = await in_thread(User.objects.get, is_owner=True)
    reader = await in_thread(lambda: client_of(owner, scopes=["trips"]))
    reply = await reader.post(path, chat("Hello", max_tokens=10))
    assert reply.status == 403
    assert "scope" in reply.error["message"]
    assert await in_thread(Trip.objects.count) == 0


async def test_a_viewer_is_told_what_a_page_would_tell(crew: Crew) -> None:
    viewer = await in_thread(client_of, crew.viewer)
    reply = await viewer.post(CHAT, chat("Hello"))
    assert reply.status == 403
    assert "You are a viewer of the team Engineers" in reply.error["message"]
    assert await in_thread(Trip.objects.count) == 0


async def test_who_is_in_no_team_spends_nothing(crew: Crew) -> None:
    stranger = await in_thread(client_of, crew.stranger)
    reply = await stranger.post("/v1/messages", chat("Hello", max_tokens=10))
    assert reply.status == 403
    assert reply.error["type"] == "permission_error"
    assert "You are in no team" in reply.error["message"]


async def test_a_call_counts_for_the_token_its_owner_and_their_team(crew: Crew) -> None:
    member = await in_thread(client_of, crew.member)
    reply = await member.post(CHAT, chat("Hello"))
    trip = await in_thread(Trip.objects.get, pk=reply.headers["x-clutch-trip"])
    assert (trip.user_id, trip.team_id, trip.source) == (crew.member.pk, crew.team.pk, "api")
    assert trip.token_id is not None
