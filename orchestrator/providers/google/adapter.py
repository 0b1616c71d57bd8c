"""The Gemini API over Google's official SDK."""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pydantic
from google import genai
from google.genai import errors as sdk_errors
from google.genai import types

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.google import contents, faults
from orchestrator.providers.google.stream import Translation
from orchestrator.providers.vocabulary import DiscoveredModel, ModelRequest, ProviderEvent
from orchestrator.providers.wire.connection import (
    LIMITS,
    TIMEOUT,
    conceal,
    redirected,
    require_key,
    uses_proxy,
)
from orchestrator.routing.types import Capability

# Named here, because the SDK would otherwise take address and version from the environment.
BASE_URL = "https://generativelanguage.googleapis.com"
API_VERSION = "v1beta"
KNOWN_VERSIONS = ("v1beta", "v1alpha", "v1")
PAGE_SIZE = 1000
# The SDK hides the HTTP response behind five nested generators, and closing the outermost leaves
# the connection to the garbage collector. So a stream notes what it opened, to close it itself.
opened: ContextVar[list[httpx2.Response] | None] = ContextVar("opened", default=None)


class GoogleProvider:
    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec
        self._sdk: genai.Client | None = None
        self._http: httpx2.AsyncClient | None = None

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        translation = Translation()
        with vendor_errors(self.spec):
            async with aclosing(self._chunks(request)) as chunks:
                async for chunk in chunks:
                    for event in translation.events(chunk.model_dump(exclude_none=True)):
                        yield event
        yield translation.finished()

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        with vendor_errors(self.spec):
            models = await self._client().aio.models.list(config={"page_size": PAGE_SIZE})
            return tuple([discovered(model) async for model in models if answers(model)])

    async def check(self) -> None:
        with vendor_errors(self.spec):
            await self._client().aio.models.list(config={"page_size": 1})

    async def aclose(self) -> None:
        sdk, self._sdk = self._sdk, None
        http, self._http = self._http, None
        if sdk is not None:
            await sdk.aio.aclose()
            sdk.close()
        if http is not None:
            await http.aclose()

    async def _chunks(
        self, request: ModelRequest
    ) -> AsyncGenerator[types.GenerateContentResponse, None]:
        chunks = await self._client().aio.models.generate_content_stream(
            model=request.model_id,
            contents=[
                types.Content.model_validate(content)
                for content in contents.contents(request, self.spec.name)
            ],
            config=types.GenerateContentConfig.model_validate(contents.configuration(request)),
        )
        responses: list[httpx2.Response] = []
        try:
            first = await first_of(chunks, responses)
            if first is not None:
                yield first
                async for chunk in chunks:
                    yield chunk
        finally:
            for response in responses:
                await response.aclose()

    def _client(self) -> genai.Client:
        if self._sdk is None:
            key = require_key(self.spec)
            self._http = open_http(self.spec)
            self._sdk = open_sdk(self.spec, key, self._http)
        return self._sdk


async def first_of(
    chunks: AsyncIterator[types.GenerateContentResponse], responses: list[httpx2.Response]
) -> types.GenerateContentResponse | None:
    """The SDK sends the request only now; `responses` receives what it opens."""
    token = opened.set(responses)
    try:
        return await anext(chunks, None)
    finally:
        opened.reset(token)


async def note_response(response: httpx2.Response) -> None:
    responses = opened.get()
    if responses is not None:
        responses.append(response)


async def limit_time(request: httpx2.Request) -> None:
    # The SDK switches all time limits off, including the one for connecting.
    request.extensions["timeout"] = TIMEOUT.as_dict()


def open_http(spec: ProviderSpec) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        limits=LIMITS,
        follow_redirects=False,
        trust_env=uses_proxy(spec),
        event_hooks={"request": [limit_time], "response": [note_response]},
    )


def open_sdk(spec: ProviderSpec, key: str, http: httpx2.AsyncClient) -> genai.Client:
    base_url, version = address(spec.base_url or BASE_URL)
    try:
        urlsplit(base_url)
    except ValueError:
        raise errors.Unreachable(f"The base URL of {spec.name} is not an address.") from None
    return genai.Client(
        vertexai=False,
        api_key=key,
        http_options=types.HttpOptions(
            base_url=base_url,
            api_version=version,
            httpx_async_client=http,
            retry_options=types.HttpRetryOptions(attempts=1),
        ),
    )


def address(base_url: str) -> tuple[str, str]:
    """Host and API version: people paste addresses with and without the version."""
    base_url = base_url.rstrip("/")
    front, _, last = base_url.rpartition("/")
    return (front, last) if last in KNOWN_VERSIONS else (base_url, API_VERSION)


@contextmanager
def vendor_errors(spec: ProviderSpec) -> Iterator[None]:
    """Vendor errors leave as ours, without their cause: it holds headers and the echoed key."""
    try:
        yield
    except sdk_errors.APIError as error:
        raise api_error(error, spec) from None
    except (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.PoolTimeout,
        httpx2.ProxyError,
        httpx2.UnsupportedProtocol,
        httpx2.InvalidURL,
    ):
        raise errors.Unreachable(f"{spec.name} could not be reached.") from None
    except httpx2.TimeoutException:
        raise errors.TimedOut(f"{spec.name} did not answer in time.") from None
    except httpx2.HTTPError:
        raise errors.BadStream(f"{spec.name} cut the answer in the middle.") from None
    except (sdk_errors.UnknownApiResponseError, json.JSONDecodeError, pydantic.ValidationError):
        raise errors.BadStream(f"{spec.name} sent an answer that cannot be read.") from None


def api_error(error: sdk_errors.APIError, spec: ProviderSpec) -> errors.ProviderError:
    # An error inside an answer that began with status 200 names its status in its document.
    status = error.code if isinstance(error.code, int) else 500
    if 300 <= status < 400:
        return redirected(spec, status)
    document: Any = json.loads(conceal(json.dumps(error.details), spec))
    headers = getattr(error.response, "headers", None) or {}
    return faults.error_for(status, document, headers, now_s=time.time())


def answers(model: types.Model) -> bool:
    """Embedding, image and speech models are listed too."""
    return "generateContent" in (model.supported_actions or ())


def discovered(model: types.Model) -> DiscoveredModel:
    return DiscoveredModel(
        model_id=(model.name or "").removeprefix("models/"),
        title=model.display_name or "",
        context_window=model.input_token_limit,
        max_output_tokens=model.output_token_limit,
        capabilities=frozenset({Capability.THINKING}) if model.thinking else frozenset(),
    )
