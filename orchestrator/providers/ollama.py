"""Ollama's own format, one adapter for each host; also finding hosts and pulling models."""

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from orchestrator.providers import http, sse
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import BadRequest, ModelNotFound, ProviderError
from orchestrator.providers.statuses import error_for
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    DocumentPart,
    Finished,
    ImagePart,
    Message,
    ModelRequest,
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from orchestrator.routing.types import Effort

SIZE = re.compile(r"([\d.]+)\s*([BM])", re.IGNORECASE)
SHOW_AT_ONCE = 4
# gpt-oss style models take a level; the others only on or off.
LEVELS = {Effort.LOW: "low", Effort.MEDIUM: "medium", Effort.HIGH: "high"}


@dataclass(frozen=True, slots=True)
class PullProgress:
    status: str
    completed_bytes: int = 0
    total_bytes: int = 0


class OllamaProvider:
    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        secret = self.spec.secret.strip()
        return http.client(self.spec, {"Authorization": f"Bearer {secret}"} if secret else {})

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent]:
        body = body_of(request, self.spec.options)
        translation = _Translation()
        async with (
            http.streaming(self.spec, self._http, "/api/chat", body) as response,
            aclosing(http.chunks(self.spec, response)) as chunks,
            aclosing(sse.ndjson_lines(chunks)) as lines,
        ):
            async for line in lines:
                if "error" in line:
                    raise told(str(line["error"]), request.model_id)
                for event in translation.events(line):
                    yield event

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        document = await http.fetch(self.spec, self._http, "/api/tags")
        entries = document.get("models", []) if isinstance(document, dict) else []
        turn = asyncio.Semaphore(SHOW_AT_ONCE)

        async def shown(entry: Mapping[str, Any]) -> DiscoveredModel:
            async with turn:
                return await self._shown(entry)

        return tuple(await asyncio.gather(*(shown(entry) for entry in entries)))

    async def _shown(self, entry: Mapping[str, Any]) -> DiscoveredModel:
        name = str(entry.get("model") or entry.get("name"))
        try:
            facts = await http.fetch(self.spec, self._http, "/api/show", json={"model": name})
        except ProviderError:
            facts = {}  # an old server without details still has the model
        info = facts.get("model_info") or {}
        windows = [value for key, value in info.items() if key.endswith(".context_length")]
        details = entry.get("details") or {}
        return DiscoveredModel(
            model_id=name,
            context_window=windows[0] if windows else None,
            capabilities=frozenset(facts.get("capabilities") or ()),
            size_b=size_b(str(details.get("parameter_size") or "")),
        )

    async def check(self) -> None:
        await http.fetch(self.spec, self._http, "/api/version")

    async def pull(self, model_id: str) -> AsyncGenerator[PullProgress]:
        """Fetch a model onto that host, telling how far it is."""
        body = {"model": model_id, "stream": True}
        async with (
            http.streaming(self.spec, self._http, "/api/pull", body) as response,
            aclosing(http.chunks(self.spec, response)) as chunks,
            aclosing(sse.ndjson_lines(chunks)) as lines,
        ):
            async for line in lines:
                if "error" in line:
                    raise told(str(line["error"]), model_id)
                yield PullProgress(
                    str(line.get("status", "")), line.get("completed", 0), line.get("total", 0)
                )

    async def aclose(self) -> None:
        if "_http" in self.__dict__:
            await self._http.aclose()


def told(message: str, model_id: str) -> ProviderError:
    if "not found" in message:
        return ModelNotFound(f"{model_id} is not on that host. Fetch it: ollama pull {model_id}")
    status = 400 if "does not support" in message else 500
    return error_for(status, message, {}, now_s=time.time())


def size_b(text: str) -> float | None:
    """Billions of parameters in `4.0B` or `500M`."""
    if (found := SIZE.match(text)) is None:
        return None
    value = float(found[1])
    return value if found[2].upper() == "B" else value / 1000


def body_of(request: ModelRequest, options: Mapping[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = {"num_predict": request.max_output_tokens}
    if request.temperature is not None:
        settings["temperature"] = request.temperature
    if request.stop:
        settings["stop"] = list(request.stop)
    if options.get("num_ctx", "").isdigit():
        settings["num_ctx"] = int(options["num_ctx"])
    document: dict[str, Any] = {
        "model": request.model_id,
        "messages": [*_system(request), *_messages(request)],
        "stream": True,
        "options": settings,
    }
    if request.effort is not None:
        document["think"] = _think(request.effort, options)
    if request.tools:
        document["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.schema),
                },
            }
            for tool in request.tools
        ]
    if request.json_schema is not None:
        document["format"] = dict(request.json_schema)
    return document


def _think(effort: Effort, options: Mapping[str, str]) -> bool | str:
    if options.get("think") == "levels":
        return LEVELS.get(effort, "medium")
    return effort is not Effort.NONE


def _system(request: ModelRequest) -> list[dict[str, Any]]:
    return [{"role": "system", "content": request.system}] if request.system else []


def _messages(request: ModelRequest) -> Iterator[dict[str, Any]]:
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, DocumentPart):
                raise BadRequest("Ollama takes no PDF files. Paste their text instead.")
            if isinstance(part, ToolResultPart):
                yield {"role": "tool", "tool_name": part.name, "content": part.content}
        if any(not isinstance(part, ToolResultPart) for part in message.parts):
            yield _message(message)


def _message(message: Message) -> dict[str, Any]:
    document: dict[str, Any] = {"role": message.role, "content": message.text}
    images = [part.data for part in message.parts if isinstance(part, ImagePart)]
    if images:
        document["images"] = [base64.b64encode(image).decode() for image in images]
    calls = [part for part in message.parts if isinstance(part, ToolCallPart)]
    if calls:
        document["tool_calls"] = [
            {"function": {"name": call.name, "arguments": dict(call.arguments)}} for call in calls
        ]
    return document


class _Translation:
    def __init__(self) -> None:
        self._calls = 0

    def events(self, line: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        message = line.get("message") or {}
        if thinking := message.get("thinking"):
            yield ThinkingDelta(thinking)
        if text := message.get("content"):
            yield TextDelta(text)
        for call in message.get("tool_calls") or ():
            function = call.get("function") or {}
            arguments = json.dumps(function.get("arguments") or {})
            yield ToolCallDelta(
                self._calls, f"call_{self._calls}", function.get("name", ""), arguments
            )
            self._calls += 1
        if line.get("done"):
            yield self._finished(line)

    def _finished(self, line: Mapping[str, Any]) -> Finished:
        reason = StopReason.TOOL_CALLS if self._calls else StopReason.END
        if line.get("done_reason") == "length":
            reason = StopReason.MAX_TOKENS
        usage = None
        if "eval_count" in line:
            usage = Usage(line.get("prompt_eval_count") or 0, line.get("eval_count") or 0)
        return Finished(reason, usage, str(line.get("model", "")))


async def find(urls: Sequence[str], timeout_s: float = 0.4) -> tuple[str, ...]:
    """Which of these addresses have a model server, asked all at once."""

    async def answers(url: str) -> bool:
        path = "/models" if url.endswith("/v1") else "/api/version"
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as probe:
            try:
                async with asyncio.timeout(timeout_s):
                    return (await probe.get(url + path)).status_code == 200
            except (httpx.HTTPError, TimeoutError):
                return False

    found = await asyncio.gather(*(answers(url) for url in urls))
    return tuple(url for url, is_there in zip(urls, found, strict=True) if is_there)
