"""Any server that speaks OpenAI's format: Chat Completions, or Responses where told so."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, suppress
from functools import cached_property

import httpx

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadStream, ProviderError
from orchestrator.providers.openai import chat, faults, models, responses
from orchestrator.providers.openai.chat_stream import ChatTranslation
from orchestrator.providers.openai.responses_stream import ResponsesTranslation
from orchestrator.providers.vocabulary import DiscoveredModel, ModelRequest, ProviderEvent
from orchestrator.providers.wire import http, sse
from orchestrator.providers.wire.connection import require_key
from orchestrator.providers.wire.fields import Document, documents

Translation = ChatTranslation | ResponsesTranslation
DONE = "[DONE]"
DRAIN_S = 1.0


class OpenAICompatibleProvider:
    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent]:
        path, body, translation = self._call(request)
        translate = faults.error_for
        async with http.streaming(
            self.spec, self._http, self._path(path), body, translate
        ) as response:
            translation.request_id = response.headers.get("x-request-id", "")
            async with aclosing(self._events(response, translation)) as events:
                async for event in events:
                    yield event
        for event in translation.close():
            yield event

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        answer = await self._fetch("/models")
        listed = answer.get("data") if isinstance(answer, dict) else answer
        if not isinstance(listed, list):
            raise BadStream(f"{self.spec.name} did not answer with a list of models.")
        known = (models.discovered(model) for model in documents(listed))
        return tuple(model for model in known if model.model_id)

    async def check(self) -> None:
        """Some list their models to anyone, so their option names a path that asks for the key."""
        if path := self.spec.options.get("check_path"):
            await self._fetch(path)
        else:
            await self.list_models()

    async def aclose(self) -> None:
        opened = self.__dict__.pop("_http", None)
        if opened is not None:
            await opened.aclose()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        return http.client(self.spec, self._headers())

    def _headers(self) -> dict[str, str]:
        if not self.spec.secret.strip():
            return {}
        key = require_key(self.spec)
        if self.spec.options.get("auth") == "api-key":
            return {"api-key": key}
        return {"Authorization": f"Bearer {key}"}

    def _path(self, path: str) -> str:
        query = self.spec.options.get("query", "").lstrip("?")
        return f"{path}?{query}" if query else path

    async def _fetch(self, path: str) -> object:
        translate = faults.error_for
        answer: object = await http.fetch(self.spec, self._http, self._path(path), translate)
        return answer

    def _call(self, request: ModelRequest) -> tuple[str, Document, Translation]:
        # The Responses API has no stop sequences, and leaving them out would change the answer.
        if self.spec.options.get("api") == "responses" and not request.stop:
            body = responses.body(request, self.spec)
            return "/responses", body, ResponsesTranslation()
        return "/chat/completions", chat.body(request, self.spec), ChatTranslation()

    def _events(
        self, response: httpx.Response, translation: Translation
    ) -> AsyncGenerator[ProviderEvent]:
        content_type = response.headers.get("content-type", "").lower()
        if "json" in content_type:
            return self._whole(response, translation)
        if "html" in content_type:
            raise BadStream(f"{self.spec.name} answered with a web page. Check its base URL.")
        return self._streamed(response, translation)

    async def _streamed(
        self, response: httpx.Response, translation: Translation
    ) -> AsyncGenerator[ProviderEvent]:
        async with (
            aclosing(http.chunks(self.spec, response)) as chunks,
            aclosing(sse.events(chunks)) as frames,
        ):
            async for frame in frames:
                for event in self._translated(frame.data.strip(), translation):
                    yield event
                if translation.is_over:
                    await drain(frames)
                    return

    def _translated(self, data: str, translation: Translation) -> Iterator[ProviderEvent]:
        if data == DONE:
            translation.note_done()
        elif data:
            document = sse.parse_object(data)
            self._raise_told(document, translation)
            yield from translation.events(document)

    async def _whole(
        self, response: httpx.Response, translation: Translation
    ) -> AsyncGenerator[ProviderEvent]:
        """A server that does not stream answers with one document."""
        body = await http.whole(self.spec, response)
        document = sse.parse_object(body.decode("utf-8", "replace"))
        self._raise_told(document, translation)
        if isinstance(translation, ResponsesTranslation):
            events = translation.whole(document)
        else:
            events = translation.events(document)
        for event in events:
            yield event

    def _raise_told(self, document: Document, translation: Translation) -> None:
        error = faults.streamed(document, self.spec, translation.request_id)
        if error is not None:
            raise error


async def drain(frames: AsyncIterator[object]) -> None:
    """What follows the end means nothing, but unread it would cost the connection."""
    with suppress(TimeoutError, ProviderError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in frames:
                pass
