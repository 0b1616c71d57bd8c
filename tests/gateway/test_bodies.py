"""Bodies that are too large, too deep, packed, broken or no JSON at all."""

import asyncio
import gzip
import json
import zlib

import pytest
import zstandard

from orchestrator.gateway import app, bodies
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.http import Exchange
from tests.gateway.asking import Api, chat

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = "/v1/messages/count_tokens"
GOOD = json.dumps(chat("Hello")).encode()


async def posted(api: Api, body: bytes, **headers: str) -> tuple[int, str]:
    reply = await api.ask("POST", COUNT, body, headers)
    return reply.status, "" if reply.status == 200 else reply.error["message"]


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", GOOD),
        ("identity", GOOD),
        ("gzip", gzip.compress(GOOD)),
        ("GZIP", gzip.compress(GOOD)),
        ("zstd", zstandard.compress(GOOD)),
    ],
    ids=["plain", "identity", "gzip", "capitals", "zstd"],
)
async def test_packed_bodies_are_unpacked(api: Api, encoding: str, packed: bytes) -> None:
    assert await posted(api, packed, content_encoding=encoding) == (200, "")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "x-unknown"])
async def test_other_packings_are_not_taken(api: Api, encoding: str) -> None:
    status, message = await posted(api, GOOD, content_encoding=encoding)
    assert (status, "is not taken" in message) == (415, True)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(bytes(bodies.MAX_BYTES + 1))),
        ("zstd", zstandard.compress(bytes(bodies.MAX_BYTES + 1))),
    ],
    ids=["gzip", "zstd"],
)
async def test_a_small_body_that_unpacks_to_a_large_one_is_stopped(
    api: Api, encoding: str, packed: bytes
) -> None:
    assert len(packed) < 100_000
    assert (await posted(api, packed, content_encoding=encoding))[0] == 413


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", GOOD),
        ("gzip", gzip.compress(GOOD)[:-9]),
        ("gzip", zlib.compress(GOOD)),
        ("zstd", GOOD),
    ],
    ids=["no gzip", "cut", "zlib", "no zstd"],
)
async def test_a_broken_packing_is_told(api: Api, encoding: str, packed: bytes) -> None:
    assert (await posted(api, packed, content_encoding=encoding))[0] == 400


async def test_a_body_that_promises_to_be_too_large_is_not_read(api: Api) -> None:
    status, message = await posted(api, GOOD, content_length="999999999999")
    assert (status, message) == (413, "The request is larger than 32 MiB.")


async def test_a_body_that_is_larger_than_it_promises_is_stopped(api: Api) -> None:
    assert (await posted(api, bytes(bodies.MAX_BYTES + 1), content_length="10"))[0] == 413


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "a JSON object"),
        (b'"text"', "a JSON object"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": 123456789012345678901234567890}', "outside"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": "\\ud800"}', "U+D800"),
        (b'{"a": "\\u0000"}', "U+0000"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "Nested too deeply"),
        (b'{"a": ' + b"[" * 1_000_000, "Nested too deeply"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else "",
)
async def test_what_is_no_sound_json_is_told(api: Api, body: bytes, why: str) -> None:
    status, message = await posted(api, body)
    assert (status, why in message) == (400, True), message


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "text/html"])
async def test_forms_of_browsers_are_not_taken(api: Api, kind: str) -> None:
    assert (await posted(api, GOOD, content_type=kind))[0] == 415


async def test_json_is_taken_with_its_charset_and_without_any_type(api: Api) -> None:
    assert (await posted(api, GOOD, content_type="application/json; charset=utf-8"))[0] == 200
    assert (await posted(api, GOOD))[0] == 200


async def test_a_client_that_leaves_before_its_request_is_whole_is_answered_nothing(
    api: Api,
) -> None:
    sent: list[object] = []
    messages = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> object:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    await app.application(api.scope("POST", COUNT, {}), receive, send)  # type: ignore[arg-type]
    assert sent == []


async def test_a_body_that_comes_too_slowly_is_not_waited_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "READ_S", 0.01)

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def send(message: object) -> None: ...

    exchange = Exchange(api.scope("POST", COUNT, {}), receive, send)
    with pytest.raises(Refused) as refused:
        await bodies.read(exchange)
    assert refused.value.fault.status == 408
