"""The door of the API: who is let in by which address, and how the others are told."""

import pytest

from orchestrator.gateway import app
from tests.gateway.asking import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("path", "is_taken"),
    [
        ("/v1/models", True),
        ("/v1/", True),
        ("/v1", True),
        ("/v1/whatever", True),
        ("/v10/models", False),
        ("/", False),
        ("/chat/v1/", False),
    ],
)
def test_only_its_own_addresses_are_taken_from_the_pages(path: str, is_taken: bool) -> None:
    assert app.takes({"type": "http", "path": path}) is is_taken
    assert not app.takes({"type": "websocket", "path": path})


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/v1/chat", "/v1/models/"])
async def test_an_unknown_address_is_told_in_json(api: Api, path: str) -> None:
    reply = await api.get(path)
    if path == "/v1/models/":
        assert reply.status == 200
        return
    assert reply.status == 404
    assert reply.error["code"] == "not_found"
    assert "/v1/chat/completions" in reply.error["message"]


async def test_an_unknown_address_below_messages_is_told_as_anthropic_would(api: Api) -> None:
    reply = await api.get("/v1/messages/batches")
    assert reply.status == 404
    assert reply.json()["type"] == "error"
    assert reply.error["type"] == "not_found_error"
    assert reply.json()["request_id"] == reply.headers["request-id"]


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "/v1/chat/completions", "POST"),
        ("POST", "/v1/models", "GET"),
        ("PUT", "/v1/messages", "POST"),
        ("OPTIONS", "/v1/chat/completions", "POST"),
        ("DELETE", "/v1/models/demo-1", "GET"),
    ],
)
async def test_a_wrong_method_is_told_with_the_right_one(
    api: Api, method: str, path: str, right: str
) -> None:
    reply = await api.ask(method, path, b"")
    assert reply.status == 405
    assert f"Use {right}" in reply.error["message"]


async def test_a_preflight_of_a_browser_is_given_no_permission(api: Api) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-headers": "authorization"}
    reply = await api.ask("OPTIONS", "/v1/chat/completions", b"", asked)
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8760", "", "127.0.0.1.evil.example"]
)
async def test_a_foreign_host_gets_nothing(api: Api, host: str) -> None:
    reply = await api.get("/v1/models", host=host)
    assert reply.status == 400
    assert "data" not in reply.json()


async def test_a_session_of_the_pages_opens_nothing(api: Api) -> None:
    api.token = ""
    reply = await api.get("/v1/models", cookie="clutch_8760_sid=abc; sessionid=abc")
    assert reply.status == 401


async def test_a_head_is_answered_like_a_get_without_its_body(api: Api) -> None:
    reply = await api.ask("HEAD", "/v1/models", None)
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 0


async def test_every_answer_has_an_id_and_may_not_be_kept(api: Api) -> None:
    reply = await api.get("/v1/models")
    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["cache-control"] == "no-store"
