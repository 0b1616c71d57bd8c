"""Ollama's own format, one adapter for each host; also finding hosts and pulling models."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadStream, ProviderError
from orchestrator.providers.ollama import faults, models
from orchestrator.providers.ollama.chat import ChatTranslation, body
from orchestrator.providers.vocabulary import DiscoveredModel, ModelRequest, ProviderEvent
from orchestrator.providers.wire import http, sse
from orchestrator.providers.wire.connection import require_key
from orchestrator.providers.wire.fields import Document, count, document, documents, text

SHOW_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class PullProgress:
    status: str
    completed_bytes: int = 0
    total_bytes: int = 0


class OllamaProvider:
    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent]:
        translation = ChatTranslation()
        sent = body(request, self.spec)
        async with aclosing(self._lines("/api/chat", request.model_id, sent)) as lines:
            async for line in lines:
                if "error" in line:
                    raise faults.streamed(line, self.spec, request.model_id)
                for event in translation.events(line):
                    yield event
                if translation.is_over:
                    return

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        answer = await http.fetch(self.spec, self._http, "/api/tags")
        if not isinstance(answer, dict):
            raise BadStream(f"{self.spec.name} did not answer with a list of models.")
        entries = [e for e in documents(answer.get("models")) if models.name_of(e)]
        turn = asyncio.Semaphore(SHOW_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._discovered(entry, turn)) for entry in entries]
        return tuple(task.result() for task in tasks)

    async def check(self) -> None:
        await http.fetch(self.spec, self._http, "/api/version")

    async def pull(self, model_id: str) -> AsyncGenerator[PullProgress]:
        """Fetch a model onto that host, telling how far it is."""
        sent = {"model": model_id, "stream": True}
        async with aclosing(self._lines("/api/pull", model_id, sent)) as lines:
            async for line in lines:
                if "error" in line:
                    raise faults.unpulled(line, self.spec, model_id)
                yield PullProgress(
                    text(line.get("status")), count(line.get("completed")), count(line.get("total"))
                )

    async def aclose(self) -> None:
        opened = self.__dict__.pop("_http", None)
        if opened is not None:
            await opened.aclose()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        is_keyed = bool(self.spec.secret.strip())
        headers = {"Authorization": f"Bearer {require_key(self.spec)}"} if is_keyed else {}
        return http.client(self.spec, headers)

    async def _lines(
        self, path: str, model_id: str, sent: Mapping[str, Any]
    ) -> AsyncGenerator[Document]:
        translate = faults.faults_of(self.spec, model_id)
        async with (
            http.streaming(self.spec, self._http, path, sent, translate) as response,
            aclosing(http.chunks(self.spec, response)) as chunks,
            aclosing(sse.ndjson_lines(chunks)) as lines,
        ):
            async for line in lines:
                yield line

    async def _discovered(self, entry: Document, turn: asyncio.Semaphore) -> DiscoveredModel:
        asked = {"model": models.name_of(entry)}
        async with turn:
            try:
                facts = await http.fetch(self.spec, self._http, "/api/show", json=asked)
            except ProviderError:
                facts = {}  # an old server without details still has the model
        return models.discovered(entry, document(facts), self.spec)


async def find(urls: Sequence[str], timeout_s: float = 0.4) -> tuple[str, ...]:
    """Which of these addresses have a model server, asked all at once."""
    transport = AiohttpTransport(trust_env=False)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as probe:
        found = await asyncio.gather(*(_answers(probe, url, timeout_s) for url in urls))
    return tuple(url for url, is_there in zip(urls, found, strict=True) if is_there)


async def _answers(probe: httpx.AsyncClient, url: str, timeout_s: float) -> bool:
    """Other programs use these ports too, so an answer must look like a model server's."""
    address = url.rstrip("/")
    path, sign = ("/models", "data") if address.endswith("/v1") else ("/api/version", "version")
    spec = ProviderSpec(name=address, kind="", base_url=address)
    try:
        async with asyncio.timeout(timeout_s):
            answer = await http.fetch(spec, probe, f"{address}{path}")
    except (ProviderError, TimeoutError):
        return False
    return sign in document(answer)
