"""From the events of the Responses API to ours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from orchestrator.providers.openai.responses import SEAL
from orchestrator.providers.vocabulary import (
    Finished,
    ProviderEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from orchestrator.providers.wire.fields import Document, count, document, documents, text


@dataclass(slots=True)
class OpenCall:
    index: int
    has_arguments: bool = False


@dataclass(slots=True)
class ResponsesTranslation:
    """One answer on its way; `end` is the response as it stands when the vendor closes it."""

    request_id: str = ""
    end: Document | None = None
    is_refused: bool = False
    calls: dict[str, OpenCall] = field(default_factory=dict)
    # For servers that name no calls: a conversation must not hold the same id twice.
    call_prefix: str = field(default_factory=lambda: f"call_{uuid4().hex}")

    def events(self, event: Document) -> Iterator[ProviderEvent]:
        delta = text(event.get("delta"))
        match event.get("type"):
            case "response.output_text.delta" if delta:
                yield TextDelta(delta)
            case "response.refusal.delta" if delta:
                self.is_refused = True
                yield TextDelta(delta)
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" if delta:
                yield ThinkingDelta(delta)
            case "response.output_item.added":
                yield from self._open(document(event.get("item")), event)
            case "response.function_call_arguments.delta" if delta:
                yield from self._arguments(_key(event), delta)
            case "response.output_item.done":
                yield from self._close(document(event.get("item")), event)
            case "response.completed" | "response.incomplete":
                self.end = document(event.get("response"))
            case _:
                pass  # beginnings and endings of parts, and kinds of events that are added later

    def whole(self, response: Document) -> Iterator[ProviderEvent]:
        """A response that came in one piece."""
        self.end = response
        for place, item in enumerate(documents(response.get("output"))):
            for part in documents(item.get("summary")):
                if thinking := text(part.get("text")):
                    yield ThinkingDelta(thinking)
            yield from self._close(item, {"output_index": place})
            if item.get("type") == "message":
                yield from self._contents(item)

    def note_done(self) -> None:
        """This format ends with an event of its own; a closing mark alone means nothing."""

    @property
    def is_over(self) -> bool:
        return self.end is not None

    def close(self) -> Iterator[ProviderEvent]:
        """The last event; there is none when the vendor did not say how it ended."""
        if self.end is None:
            return
        usage = usage_of(document(self.end.get("usage")))
        request_id = self.request_id or text(self.end.get("id"))
        yield Finished(self._stop_reason(self.end), usage, text(self.end.get("model")), request_id)

    def _stop_reason(self, response: Document) -> StopReason:
        cause = document(response.get("incomplete_details")).get("reason")
        if self.is_refused or cause == "content_filter":
            return StopReason.REFUSAL
        if cause == "max_output_tokens":
            return StopReason.MAX_TOKENS
        return StopReason.TOOL_CALLS if self.calls else StopReason.END

    def _contents(self, item: Document) -> Iterator[ProviderEvent]:
        for part in documents(item.get("content")):
            if refusal := text(part.get("refusal")):
                self.is_refused = True
                yield TextDelta(refusal)
            elif piece := text(part.get("text")):
                yield TextDelta(piece)

    def _open(self, item: Document, event: Document) -> Iterator[ProviderEvent]:
        if item.get("type") != "function_call":
            return
        call = self.calls[_key(event)] = OpenCall(len(self.calls))
        own_id = text(item.get("call_id")) or text(item.get("id"))
        call_id = own_id or f"{self.call_prefix}_{call.index}"
        yield ToolCallDelta(call.index, call_id, text(item.get("name")))

    def _arguments(self, key: str, arguments: str) -> Iterator[ProviderEvent]:
        if (call := self.calls.get(key)) is not None:
            call.has_arguments = True
            yield ToolCallDelta(call.index, arguments=arguments)

    def _close(self, item: Document, event: Document) -> Iterator[ProviderEvent]:
        """Arguments may come only with the whole item, and so does sealed thinking."""
        key = _key(event)
        if item.get("type") == "reasoning":
            yield from _sealed(item)
        if item.get("type") != "function_call":
            return
        if key not in self.calls:
            yield from self._open(item, event)
        if not self.calls[key].has_arguments:
            yield from self._arguments(key, text(item.get("arguments")) or "{}")


def _sealed(item: Document) -> Iterator[ProviderEvent]:
    """What the vendor wants back, unread, when the talk goes on."""
    item_id, content = text(item.get("id")), text(item.get("encrypted_content"))
    if item_id and content:
        yield ThinkingDelta("", signature=f"{item_id}{SEAL}{content}")


def _key(event: Document) -> str:
    """All events about an item carry its place, and not all servers carry its id."""
    place = event.get("output_index")
    return str(place) if isinstance(place, int) else text(event.get("item_id"))


def usage_of(said: Document) -> Usage | None:
    """Input tokens include the cached ones here; our counts do not overlap."""
    if said.get("input_tokens") is None and said.get("output_tokens") is None:
        return None
    details = document(said.get("input_tokens_details"))
    cached = count(details.get("cached_tokens"))
    written = count(details.get("cache_write_tokens"))
    return Usage(
        input_tokens=max(0, count(said.get("input_tokens")) - cached - written),
        output_tokens=count(said.get("output_tokens")),
        cached_input_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=count(document(said.get("output_tokens_details")).get("reasoning_tokens")),
    )
