"""Anthropic's Messages API over the official SDK."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
import anthropic
import httpx2

from orchestrator.providers import errors
from orchestrator.providers.anthropic import messages, models
from orchestrator.providers.anthropic.stream import Translation
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.vocabulary import DiscoveredModel, ModelRequest, ProviderEvent
from orchestrator.providers.wire import statuses
from orchestrator.providers.wire.connection import (
    LIMITS,
    TIMEOUT,
    conceal,
    redirected,
    require_key,
    uses_proxy,
)

# Named here, because the SDK would otherwise take the address from the environment.
BASE_URL = "https://api.anthropic.com"
CLAUDE_CODE_PREFIX = "sk-ant-oat"
DRAIN_S = 1.0
PAGE_SIZE = 1000
SPENT = ("credit balance", "spend limit", "spend_limit")
# The transport reports nearly all of these as failed connections.
UNSENT = (aiohttp.ClientConnectorError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
CUT = (aiohttp.ClientOSError, aiohttp.ClientConnectionResetError, aiohttp.ServerDisconnectedError)
LATE = (anthropic.APITimeoutError, httpx2.TimeoutException)
STATUS_OF_TYPE: Mapping[str, int] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicProvider:
    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec
        self._sdk: anthropic.AsyncAnthropic | None = None

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        body = messages.body(request, self.spec.name)
        with vendor_errors(self.spec):
            async with await self._client().messages.create(**body, stream=True) as answer:
                frames = anthropic.AsyncStream.raw_events(answer.response)
                translation = Translation(answer.response.headers.get("request-id", ""))
                async for frame in frames:
                    for event in translation.events(self._parsed(frame.data, translation)):
                        yield event
                    if translation.finished:
                        await drain(frames)
                        break
        if translation.finished is None:
            raise errors.BadStream("Anthropic ended the answer in the middle.")
        yield translation.finished

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        known: list[DiscoveredModel] = []
        page: Mapping[str, Any] = {"has_more": True}
        while page.get("has_more"):
            after = {"after_id": known[-1].model_id} if known else {}
            page = await self._page(limit=PAGE_SIZE, **after)
            found = [models.discovered(item) for item in page["data"] if item.get("id")]
            if not found:
                break
            known += found
        return tuple(known)

    async def check(self) -> None:
        await self._page(limit=1)

    async def _page(self, **query: object) -> Mapping[str, Any]:
        with vendor_errors(self.spec):
            # The SDK's own pages fail in odd ways on addresses that are no API at all.
            response = await self._client().get(
                "/v1/models", cast_to=httpx2.Response, options={"params": query}
            )
            page = response.json()
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise errors.BadStream(f"{self.spec.name} did not answer with a list of models.")
        return page

    async def aclose(self) -> None:
        client, self._sdk = self._sdk, None
        if client is not None:
            await client.close()

    def _client(self) -> anthropic.AsyncAnthropic:
        if self._sdk is None:
            key = require_key(self.spec)
            if key.startswith(CLAUDE_CODE_PREFIX):
                raise errors.AuthError(
                    "This is a Claude Code token. It only works through the Claude Code CLI gear; "
                    "for this provider create an API key at platform.claude.com."
                )
            self._sdk = open_sdk(self.spec, key)
        return self._sdk

    def _parsed(self, data: str, translation: Translation) -> Mapping[str, Any]:
        if not data:
            return {}
        try:
            document = json.loads(data)
        except ValueError:
            raise errors.BadStream("Anthropic sent a part that is not JSON.") from None
        if not isinstance(document, dict):
            raise errors.BadStream("Anthropic sent a part that is not a JSON object.")
        if document.get("type") == "error":
            raise streamed_error(document, translation.request_id, self.spec)
        return document


def open_sdk(spec: ProviderSpec, key: str) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        api_key=key,
        base_url=spec.base_url or BASE_URL,
        # The SDK sends a bearer token; many compatible gateways only know the older header.
        default_headers={"X-Api-Key": key} if spec.base_url else None,
        max_retries=0,
        timeout=TIMEOUT,
        http_client=anthropic.DefaultAioHttpClient(
            timeout=TIMEOUT,
            limits=LIMITS,
            follow_redirects=False,
            trust_env=uses_proxy(spec),
        ),
    )


async def drain(frames: AsyncIterator[object]) -> None:
    """Reads what follows a whole answer, so that its connection can be used again."""
    with suppress(TimeoutError, httpx2.HTTPError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in frames:
                pass


@contextmanager
def vendor_errors(spec: ProviderSpec) -> Iterator[None]:
    """Vendor errors leave as ours, without their cause: it holds headers and the echoed key."""
    try:
        yield
    except anthropic.APIStatusError as error:
        raise status_error(error, spec) from None
    except (anthropic.APIConnectionError, httpx2.TimeoutException, httpx2.InvalidURL) as error:
        raise connection_error(error, spec) from None
    except httpx2.HTTPError:
        raise errors.BadStream(f"{spec.name} cut the answer in the middle.") from None
    except (anthropic.APIError, UnicodeDecodeError, json.JSONDecodeError):
        raise errors.BadStream(f"{spec.name} sent an answer that cannot be read.") from None


def connection_error(error: Exception, spec: ProviderSpec) -> errors.ProviderError:
    """What fails after the request was sent may be billed, so it is told apart."""
    chain = tuple(causes(error))
    if not any(isinstance(cause, UNSENT) for cause in chain):
        if any(isinstance(cause, CUT) for cause in chain):
            return errors.BadStream(f"{spec.name} closed the connection without an answer.")
        if any(isinstance(cause, LATE) for cause in chain):
            return errors.TimedOut(f"{spec.name} did not answer in time.")
    return errors.Unreachable(f"{spec.name} could not be reached.")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def status_error(error: anthropic.APIStatusError, spec: ProviderSpec) -> errors.ProviderError:
    if error.response.is_redirect:
        return redirected(spec, error.status_code)
    code = f"{error.type or ''} {error.error_code or ''}".strip()
    return translated(
        error.status_code, conceal(error.api_message or "", spec), error.response.headers, code
    )


def streamed_error(
    document: Mapping[str, Any], request_id: str, spec: ProviderSpec
) -> errors.ProviderError:
    """An error event inside an answer that began with status 200."""
    detail = document.get("error")
    detail = detail if isinstance(detail, dict) else {}
    kind = str(detail.get("type") or "")
    message = conceal(str(detail.get("message") or "The answer ended with an error."), spec)
    return translated(STATUS_OF_TYPE.get(kind, 500), message, {"request-id": request_id}, kind)


def translated(
    status: int, message: str, headers: Mapping[str, str], code: str
) -> errors.ProviderError:
    error = statuses.error_for(status, message, headers, now_s=time.time(), code=code)
    if status < 500 and any(word in f"{code} {message}".lower() for word in SPENT):
        # An empty account is reported as an invalid request (400) or as a rate limit (429).
        return errors.QuotaExhausted(
            error.message,
            status=status,
            retry_after_s=error.retry_after_s,
            request_id=error.request_id,
        )
    return error
