"""The HTTP client of the adapters that need no vendor SDK, and what its failures mean."""

import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import (
    BadRequest,
    BadStream,
    ProviderError,
    TimedOut,
    Unreachable,
)
from orchestrator.providers.wire import connection, statuses
from orchestrator.providers.wire.connection import conceal, redirected

Faults = Callable[..., ProviderError]
POOL_WAIT_S = 10.0
TIMEOUT = httpx.Timeout(
    connection.READ_TIMEOUT_S, connect=connection.CONNECT_TIMEOUT_S, pool=POOL_WAIT_S
)
LIMITS = httpx.Limits(
    max_connections=connection.LIMITS.max_connections,
    max_keepalive_connections=connection.LIMITS.max_keepalive_connections,
)
MAX_ANSWER_BYTES = 8 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024
ODD_SIGNS = re.compile(r"[\x00-\x20\x7f\\]")
DEFAULT_PORTS = {"http": 80, "https": 443}
# Before these the request had not left; after anything else the provider may have worked.
UNSENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
BROKEN = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, aiohttp.ClientError)


def base_url(spec: ProviderSpec) -> str:
    """The address in its one canonical form; what parsers could read in two ways is refused."""
    unusable = f"{spec.name} has no usable address. It must begin with http:// or https://."
    try:
        parts = urlsplit(spec.base_url)
        if ODD_SIGNS.search(spec.base_url) or parts.scheme not in DEFAULT_PORTS:
            raise BadRequest(unusable)
        if not parts.hostname:
            raise BadRequest(unusable)
        if parts.username is not None or parts.query or parts.fragment:
            raise BadRequest(f"The address of {spec.name} must hold no user name, ? or #.")
        return str(httpx.URL(_canonical(parts, parts.hostname)))
    except (ValueError, httpx.InvalidURL):
        raise BadRequest(unusable) from None


def _canonical(parts: SplitResult, name: str) -> str:
    host = f"[{name}]" if ":" in name else name
    if parts.port and parts.port != DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))


def client(spec: ProviderSpec, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """Built on aiohttp's transport, which is the faster one but reads no proxy settings."""
    trusts_environment = connection.uses_proxy(spec)
    return httpx.AsyncClient(
        base_url=base_url(spec),
        headers=dict(headers),
        timeout=TIMEOUT,
        limits=LIMITS,
        follow_redirects=False,
        trust_env=trusts_environment,
        transport=None if trusts_environment else AiohttpTransport(limits=LIMITS, trust_env=False),
    )


@contextmanager
def translated(spec: ProviderSpec) -> Iterator[None]:
    """Failures leave as ours, without their cause: it holds headers, and so the key."""
    try:
        yield
    except BROKEN as error:
        raise broken(error, spec) from None


def broken(error: Exception, spec: ProviderSpec) -> ProviderError:
    # The transport calls nearly everything a failed connection; its cause tells what it was.
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    if isinstance(cause, UNSENT):
        return Unreachable(f"{spec.name} could not be reached. Check the network and its address.")
    if isinstance(cause, (httpx.TimeoutException, aiohttp.ServerTimeoutError)):
        return TimedOut(f"{spec.name} did not answer in time.")
    return BadStream(f"{spec.name} broke the connection off in the middle.")


@asynccontextmanager
async def streaming(
    spec: ProviderSpec,
    http: httpx.AsyncClient,
    path: str,
    body: Mapping[str, Any],
    faults: Faults = statuses.error_for,
) -> AsyncIterator[httpx.Response]:
    """A successful response whose body is still coming; anything else is raised."""
    with translated(spec):
        async with http.stream("POST", path, json=body) as response:
            if response.status_code != 200:
                raise await failure(spec, response, faults)
            yield response


async def chunks(spec: ProviderSpec, response: httpx.Response) -> AsyncGenerator[bytes]:
    with translated(spec):
        async for chunk in response.aiter_bytes():
            yield chunk


async def whole(spec: ProviderSpec, response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in chunks(spec, response):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise BadStream(f"{spec.name} sent an answer of more than 8 MiB.")
    return bytes(body)


async def fetch(
    spec: ProviderSpec,
    http: httpx.AsyncClient,
    path: str,
    faults: Faults = statuses.error_for,
    **options: Any,
) -> Any:
    """A whole JSON answer."""
    method = "POST" if "json" in options else "GET"
    with translated(spec):
        async with http.stream(method, path, **options) as response:
            if response.status_code != 200:
                raise await failure(spec, response, faults)
            body = await whole(spec, response)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadStream(f"{spec.name} did not answer with JSON.") from None


async def failure(
    spec: ProviderSpec, response: httpx.Response, faults: Faults = statuses.error_for
) -> ProviderError:
    if 300 <= response.status_code < 400:
        return redirected(spec, response.status_code)
    body = bytearray()
    # The status alone says enough where the explanation is cut.
    with suppress(*BROKEN):
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_ERROR_BYTES:
                break
    message, code = told(bytes(body))
    return faults(
        response.status_code,
        conceal(message, spec),
        response.headers,
        now_s=time.time(),
        code=code,
    )


def told(body: bytes) -> tuple[str, str]:
    """The vendor's own words and code, wherever its error object keeps them."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return "", ""
    return words(document.get("error") or document)


def words(error: Any) -> tuple[str, str]:
    """Message and code of an error object, or of an error that is only a sentence."""
    if not isinstance(error, dict):
        return (error if isinstance(error, str) else ""), ""
    message = error.get("message") or error.get("detail") or ""
    if not isinstance(message, str):
        message = json.dumps(message)
    code = error.get("code") or error.get("type") or ""
    return message, str(code) if isinstance(code, str | int) else ""
