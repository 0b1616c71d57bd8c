"""The HTTP client of the adapters that need no vendor SDK, and what its failures mean."""

import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from httpx_aiohttp import AiohttpTransport

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.connection import (
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    conceal,
    redirected,
    uses_proxy,
)
from orchestrator.providers.errors import BadRequest, BadStream, ProviderError, Unreachable
from orchestrator.providers.statuses import error_for

TIMEOUT = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
MAX_ERROR_BYTES = 64 * 1024
ODD_SIGNS = re.compile(r"[\x00-\x20\x7f\\]")
# Before these the request had not left; after anything else the provider may have worked.
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


def base_url(spec: ProviderSpec) -> str:
    """The address in its one canonical form; what parsers could read in two ways is refused."""
    text = spec.base_url
    parts = urlsplit(text)
    if ODD_SIGNS.search(text) or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadRequest(
            f"{spec.name} has no usable address. It must begin with http:// or https://."
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadRequest(f"The address of {spec.name} must hold no user name, password or #.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), parts.query, ""))


def client(spec: ProviderSpec, headers: Mapping[str, str]) -> httpx.AsyncClient:
    trusts_environment = uses_proxy(spec)
    return httpx.AsyncClient(
        base_url=base_url(spec),
        headers=dict(headers),
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=trusts_environment,
        transport=None if trusts_environment else AiohttpTransport(limits=httpx.Limits()),
    )


@contextmanager
def translated(spec: ProviderSpec) -> Iterator[None]:
    try:
        yield
    except NEVER_SENT:
        raise Unreachable(
            f"{spec.name} cannot be reached at {spec.base_url}. Check the network and the address."
        ) from None
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise BadStream(
            f"The connection to {spec.name} broke in the middle ({type(error).__name__})."
        ) from None


@asynccontextmanager
async def streaming(
    spec: ProviderSpec, http: httpx.AsyncClient, path: str, body: Mapping[str, Any]
) -> AsyncIterator[httpx.Response]:
    """A successful response whose body is still coming; anything else is raised."""
    with translated(spec):
        async with http.stream("POST", path, json=body) as response:
            if response.status_code != 200:
                raise await failure(spec, response)
            yield response


async def chunks(spec: ProviderSpec, response: httpx.Response) -> AsyncGenerator[bytes]:
    with translated(spec):
        async for chunk in response.aiter_bytes():
            yield chunk


async def fetch(spec: ProviderSpec, http: httpx.AsyncClient, path: str, **options: Any) -> Any:
    """A whole JSON answer."""
    method = "POST" if "json" in options else "GET"
    with translated(spec):
        response = await http.request(method, path, **options)
        if response.status_code != 200:
            raise await failure(spec, response)
        try:
            return response.json()
        except ValueError:
            raise BadStream(f"{spec.name} did not answer with JSON.") from None


async def failure(spec: ProviderSpec, response: httpx.Response) -> ProviderError:
    if 300 <= response.status_code < 400:
        return redirected(spec, response.status_code)
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ERROR_BYTES:
            break
    message, code = told(bytes(body))
    return error_for(
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
    except ValueError:
        return "", ""
    error = document.get("error", document) if isinstance(document, dict) else {}
    if isinstance(error, str):
        return error, ""
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message") or error.get("detail") or ""
    code = error.get("code") or error.get("type") or ""
    return str(message), str(code)
