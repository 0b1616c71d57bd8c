"""The shared HTTP client against a loopback server, and what its failures are called."""

import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from unittest.mock import Mock

import aiohttp
import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.wire import http
from tests.providers.conftest import StartWire
from tests.providers.recorded import Reply, Script, Wire, json_reply

KEY = "sk-CANARY"
HEADERS = {"Authorization": f"Bearer {KEY}"}


def spec_for(address: str, **options: str) -> ProviderSpec:
    return ProviderSpec("gateway", "openai", address, KEY, options)


class Line:
    """A client together with the server at its other end."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.spec = spec_for(f"{wire.url}/v1")
        self.http = http.client(self.spec, HEADERS)

    async def fetch(self, **options: Any) -> Any:
        return await http.fetch(self.spec, self.http, "/things", **options)

    async def text(self) -> bytes:
        async with (
            http.streaming(self.spec, self.http, "/chat", {"model": "m"}) as response,
            aclosing(http.chunks(self.spec, response)) as chunks,
        ):
            return b"".join([chunk async for chunk in chunks])


class Lines:
    def __init__(self, start_wire: StartWire) -> None:
        self.start_wire = start_wire
        self.all: list[Line] = []

    async def open(self, script: Script) -> Line:
        self.all.append(Line(await self.start_wire(script)))
        return self.all[-1]


@pytest.fixture
async def lines(start_wire: StartWire) -> AsyncIterator[Lines]:
    opened = Lines(start_wire)
    yield opened
    for line in opened.all:
        await line.http.aclose()


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("HTTPS://API.Example.com:443/V1", "https://api.example.com/V1"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
    ],
)
def test_an_address_has_one_canonical_form(address: str, canonical: str) -> None:
    assert http.base_url(spec_for(address)) == canonical
    assert http.base_url(spec_for(canonical)) == canonical


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.example.com",
        "//api.example.com",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://:8080",
        "http://[broken",
        "http://host:99999",
        "http://host:port",
        "http://user@host",
        "http://user:word@host",
        "http://@host",
        "http://good.example\\@bad.example",
        "http://host/a\nb",
        " http://host",
        "http://host/a b",
        "http://host\x00",
        "http://host/#part",
        "http://host/v1?api-version=1",
        "http://" + "a" * 70_000,
    ],
)
def test_an_address_that_could_be_misread_is_refused(address: str) -> None:
    with pytest.raises(errors.BadRequest, match="gateway"):
        http.base_url(spec_for(address))


async def test_the_client_ignores_the_environment_unless_told(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    line = await lines.open(json_reply({"is": "direct"}))
    assert await line.fetch() == {"is": "direct"}
    assert isinstance(line.http._transport, AiohttpTransport)
    proxied = spec_for(line.wire.url, use_proxy="true")
    async with http.client(proxied, HEADERS) as client:
        with pytest.raises(errors.Unreachable):
            await http.fetch(proxied, client, "/things")


async def test_the_client_waits_five_seconds_for_a_connection_and_never_follows(
    lines: Lines,
) -> None:
    line = await lines.open(json_reply({}))
    assert line.http.timeout.connect == 5.0
    assert not line.http.follow_redirects
    assert isinstance(line.http._transport, AiohttpTransport)
    assert line.http._transport.limits.max_connections == 1000


async def test_fetching_sends_headers_and_body_below_the_base_address(lines: Lines) -> None:
    line = await lines.open(json_reply([1, {"a": "ü"}]))
    assert await line.fetch() == [1, {"a": "ü"}]
    assert await line.fetch(json={"b": 2}) == [1, {"a": "ü"}]
    first, second = line.wire.requests
    assert (first.method, first.path, first.body) == ("GET", "/v1/things", b"")
    assert (second.method, second.path, second.json) == ("POST", "/v1/things", {"b": 2})
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert line.wire.connections == 1


async def test_a_stream_passes_its_bytes_on(lines: Lines) -> None:
    line = await lines.open(Reply(b"abc" * 1000, piece_bytes=7))
    assert await line.text() == b"abc" * 1000
    assert line.wire.requests[0].json == {"model": "m"}


async def test_a_compressed_answer_is_unpacked(lines: Lines) -> None:
    line = await lines.open(Reply(gzip.compress(b"{}"), headers={"content-encoding": "gzip"}))
    assert await line.fetch() == {}


async def test_an_answer_that_is_not_packed_as_it_says_is_a_bad_stream(lines: Lines) -> None:
    line = await lines.open(Reply(b"{}", headers={"content-encoding": "gzip"}))
    with pytest.raises(errors.BadStream):
        await line.fetch()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_told_and_not_followed(lines: Lines, status: int) -> None:
    elsewhere = await lines.open(json_reply({}))
    line = await lines.open(Reply(status=status, headers={"location": elsewhere.wire.url}))
    with pytest.raises(errors.Unreachable, match="redirect"):
        await line.fetch()
    with pytest.raises(errors.Unreachable, match="redirect"):
        await line.text()
    assert elsewhere.wire.requests == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"error": {"message": f"Bad key {KEY}!"}}, "Bad key [key]!"),
        ({"error": "no such thing"}, "no such thing"),
        ({"message": "flat"}, "flat"),
        ({"detail": "of FastAPI"}, "of FastAPI"),
        ({"detail": [{"msg": "field required"}]}, '[{"msg": "field required"}]'),
        ([{"error": {"message": "listed"}}], "listed"),
        ({"error": {"message": "x" * 1000}}, "x" * 300),
        ({"error": {"code": ["odd"]}}, "The provider answered 401."),
        (["odd"], "The provider answered 401."),
        ({"error": 7}, "The provider answered 401."),
    ],
)
async def test_the_vendors_words_are_passed_on_without_the_key(
    lines: Lines, document: object, words: str
) -> None:
    line = await lines.open(json_reply(document, 401))
    with pytest.raises(errors.AuthError) as caught:
        await line.fetch()
    assert caught.value.message == words
    assert caught.value.status == 401
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("body", [b"<html>", b"[" * 60_000, b"", b"x" * (1 << 18)])
async def test_an_error_page_that_is_no_json_leaves_its_status(lines: Lines, body: bytes) -> None:
    line = await lines.open(Reply(body, 503))
    with pytest.raises(errors.Overloaded, match=r"^The provider answered 503\.$"):
        await line.text()


async def test_an_error_whose_explanation_is_cut_keeps_its_meaning(lines: Lines) -> None:
    line = await lines.open(Reply(b'{"err', 429, ending="cut", headers={"retry-after": "7"}))
    with pytest.raises(errors.RateLimited) as caught:
        await line.text()
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("ending", ["dropped", "cut"])
async def test_a_connection_that_breaks_after_sending_may_be_billed(
    lines: Lines, ending: Any
) -> None:
    line = await lines.open(Reply(b"abc", ending=ending))
    with pytest.raises(errors.BadStream, match="gateway broke the connection off"):
        await line.text()
    with pytest.raises(errors.BadStream):
        await line.fetch()


async def test_something_that_does_not_speak_http_is_a_bad_stream(lines: Lines) -> None:
    line = await lines.open(Reply(headers={"x": "y\r\n\0: broken"}))
    with pytest.raises(errors.BadStream):
        await line.text()


async def test_an_address_where_nobody_listens_is_unreachable(start_wire: StartWire) -> None:
    spec = spec_for("http://127.0.0.1:9")
    async with http.client(spec, {}) as client:
        with pytest.raises(errors.Unreachable, match="gateway could not be reached"):
            await http.fetch(spec, client, "/things")


@pytest.mark.parametrize("body", [b"<html>", b"", b"{oops", b"[" * 100_000])
async def test_a_good_answer_that_is_no_json_is_a_bad_stream(lines: Lines, body: bytes) -> None:
    line = await lines.open(Reply(body))
    with pytest.raises(errors.BadStream, match="did not answer with JSON"):
        await line.fetch()


async def test_an_answer_without_end_is_given_up(lines: Lines) -> None:
    line = await lines.open(Reply(b" " * (http.MAX_ANSWER_BYTES + 1), ending="hang"))
    with pytest.raises(errors.BadStream, match="more than 8 MiB"):
        await line.fetch()
    await line.wire.wait_until_client_closed()


CONNECTOR = aiohttp.ClientConnectorError(Mock(), OSError("refused"))
CERTIFICATE = aiohttp.ClientConnectorCertificateError(Mock(), ssl.SSLCertVerificationError("old"))


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (CONNECTOR, errors.Unreachable),
        (CERTIFICATE, errors.Unreachable),
        (aiohttp.ConnectionTimeoutError(), errors.Unreachable),
        (aiohttp.SocketTimeoutError(), errors.TimedOut),
        (aiohttp.ServerDisconnectedError(), errors.BadStream),
        (aiohttp.ClientConnectionResetError(), errors.BadStream),
        (aiohttp.ClientOSError(), errors.BadStream),
        (aiohttp.ClientPayloadError(), errors.BadStream),
        (None, errors.Unreachable),
    ],
)
def test_what_the_transport_calls_a_failed_connection_is_told_apart(
    cause: Exception | None, kind: type[errors.ProviderError]
) -> None:
    error = httpx.ConnectTimeout(f"key {KEY}")
    error.__cause__ = cause
    with pytest.raises(kind) as caught, http.translated(spec_for("http://h")):
        raise error
    assert KEY not in caught.value.message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ReadTimeout("slow"), errors.TimedOut),
        (httpx.PoolTimeout("full"), errors.Unreachable),
        (httpx.ReadError("cut"), errors.BadStream),
        (httpx.RemoteProtocolError("odd"), errors.BadStream),
        (aiohttp.ClientResponseError(Mock(), ()), errors.BadStream),
    ],
)
def test_every_failure_of_the_client_becomes_one_of_ours(
    error: Exception, kind: type[errors.ProviderError]
) -> None:
    with pytest.raises(kind), http.translated(spec_for("http://h")):
        raise error
