"""Any server that speaks OpenAI's format: Chat Completions, or Responses where told so."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import cached_property
from typing import Any

import httpx

from orchestrator.providers import http, openai_chat, openai_responses, sse
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.connection import conceal
from orchestrator.providers.errors import AuthError
from orchestrator.providers.openai_chat import ChatTranslation
from orchestrator.providers.openai_responses import ResponsesTranslation
from orchestrator.providers.statuses import error_for
from orchestrator.providers.vocabulary import DiscoveredModel, ModelRequest, ProviderEvent

Translation = ChatTranslation | ResponsesTranslation
DONE = "[DONE]"
# Where servers that tell a model's window keep it.
WINDOW_FIELDS = ("context_length", "max_model_len", "max_context_length", "context_window")


class OpenAICompatibleProvider:
    def __init__(self, spec: ProviderSpec) -> None:
        self.spec = spec

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        return http.client(self.spec, self._headers())

    def _headers(self) -> dict[str, str]:
        secret = self.spec.secret.strip()
        if not secret:
            return {}
        if not (secret.isascii() and secret.isprintable()):
            raise AuthError(f"The key stored for {self.spec.name} holds odd characters.")
        if self.spec.options.get("auth") == "api-key":
            return {"api-key": secret}
        return {"Authorization": f"Bearer {secret}"}

    @property
    def _speaks_responses(self) -> bool:
        return self.spec.options.get("api") == "responses"

    def _path(self, name: str) -> str:
        query = self.spec.options.get("query", "")
        return f"{name}?{query}" if query else name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent]:
        if self._speaks_responses:
            path, body = "/responses", openai_responses.body(request)
        else:
            path, body = "/chat/completions", openai_chat.body(request, self.spec.options)
        translation = self._translation()
        async with http.streaming(self.spec, self._http, self._path(path), body) as response:
            if "text/event-stream" in response.headers.get("content-type", ""):
                events = self._streamed(response, translation)
            else:
                events = self._whole(response, translation)
            async with aclosing(events):
                async for event in events:
                    yield event
        if (finished := translation.finished()) is not None:
            yield finished

    def _translation(self) -> Translation:
        return ResponsesTranslation(time.time()) if self._speaks_responses else ChatTranslation()

    async def _streamed(
        self, response: httpx.Response, translation: Translation
    ) -> AsyncGenerator[ProviderEvent]:
        async with (
            aclosing(http.chunks(self.spec, response)) as chunks,
            aclosing(sse.events(chunks)) as frames,
        ):
            async for frame in frames:
                if frame.data.startswith(DONE):
                    return  # whatever a server sends after its own end is not for us
                document = sse.parse_object(frame.data)
                self._raise_told(document)
                for event in translation.events(document):
                    yield event

    async def _whole(
        self, response: httpx.Response, translation: Translation
    ) -> AsyncGenerator[ProviderEvent]:
        """A server that does not stream answers with one document."""
        document = sse.parse_object((await response.aread()).decode("utf-8", "replace"))
        self._raise_told(document)
        if self._speaks_responses:
            document = {"type": "response.completed", "response": document}
        for event in translation.events(document):
            yield event

    def _raise_told(self, document: Mapping[str, Any]) -> None:
        """An error object inside an answer that began well."""
        error = document.get("error")
        if not error or document.get("type", "").startswith("response."):
            return
        fields = error if isinstance(error, dict) else {"message": str(error)}
        code = fields.get("code") or fields.get("type") or ""
        status = code if isinstance(code, int) else openai_responses.STATUS_BY_CODE.get(code, 500)
        message = conceal(str(fields.get("message") or "The provider failed."), self.spec)
        raise error_for(status, message, {}, now_s=time.time(), code=str(code))

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        document = await http.fetch(self.spec, self._http, self._path("/models"))
        listed = document.get("data", document) if isinstance(document, dict) else document
        entries = [entry for entry in listed if isinstance(entry, dict) and entry.get("id")]
        return tuple(_discovered(entry) for entry in entries)

    async def check(self) -> None:
        await http.fetch(self.spec, self._http, self._path("/models"))

    async def aclose(self) -> None:
        if "_http" in self.__dict__:
            await self._http.aclose()


def _discovered(entry: Mapping[str, Any]) -> DiscoveredModel:
    windows = [entry[name] for name in WINDOW_FIELDS if isinstance(entry.get(name), int)]
    provider = entry.get("top_provider") or {}
    inputs = (entry.get("architecture") or {}).get("input_modalities") or ()
    supported = entry.get("supported_parameters") or ()
    capabilities = {
        "vision": "image" in inputs,
        "pdf": "file" in inputs,
        "tools": "tools" in supported,
        "thinking": "reasoning" in supported,
        "json_schema": "structured_outputs" in supported,
    }
    return DiscoveredModel(
        model_id=str(entry["id"]),
        title=str(entry.get("name") or ""),
        context_window=windows[0] if windows else None,
        max_output_tokens=provider.get("max_completion_tokens"),
        capabilities=frozenset(name for name, has in capabilities.items() if has),
    )
