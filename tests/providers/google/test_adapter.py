"""Google's adapter against recorded streams from a loopback server."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import Provider, ProviderSpec, Timeouts
from orchestrator.providers.google.adapter import GoogleProvider, address, vendor_errors
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    Finished,
    ImagePart,
    Message,
    ModelRequest,
    ProviderEvent,
    StopReason,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ThinkingPart,
    ToolCallDelta,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from orchestrator.providers.wire.deadlines import guard
from orchestrator.routing.types import Effort
from tests.providers.conftest import StartWire
from tests.providers.recorded import Reply, Script, Wire, json_reply, recorded

KEY = "AIzaCANARY"
MODEL = "gemini-3.8-flash"
REQUEST = ModelRequest(MODEL, (Message("user", (TextPart("Hello"),)),), 100)
OnWire = Callable[[Script], Awaitable[tuple[GoogleProvider, Wire]]]


@pytest.fixture
async def on_wire(start_wire: StartWire) -> AsyncIterator[OnWire]:
    providers: list[GoogleProvider] = []

    async def start(script: Script) -> tuple[GoogleProvider, Wire]:
        wire = await start_wire(script)
        spec = ProviderSpec("google", "google", base_url=wire.url, secret=KEY)
        providers.append(GoogleProvider(spec))
        return providers[-1], wire

    yield start
    for provider in providers:
        await provider.aclose()


async def collected(
    provider: Provider, into: list[ProviderEvent] | None = None
) -> list[ProviderEvent]:
    events = [] if into is None else into
    async for event in provider.stream(REQUEST):
        events.append(event)
    return events


async def drained(events: AsyncIterator[ProviderEvent]) -> None:
    async for _ in events:
        pass


def refusal(status: int, code: str, message: str = "No.", **headers: str) -> Reply:
    document = {"error": {"code": status, "message": message, "status": code}}
    return json_reply(document, status, **headers)


def finished(reason: StopReason, usage: Usage | None) -> Finished:
    return Finished(reason, usage, MODEL, "Zm9vYmFyLXJlc3BvbnNl")


STREAMS = {
    "plain_text": [
        TextDelta("Grüße, "),
        TextDelta("Welt 🌍\u2028!"),
        finished(StopReason.END, Usage(8, 5)),
    ],
    "thinking": [
        ThinkingDelta("**Multiply**\n"),
        ThinkingDelta("12231."),
        TextDelta("12,231"),
        ThinkingDelta("", signature="EtAB"),
        finished(StopReason.END, Usage(8, 66, reasoning_tokens=60)),
    ],
    "parallel_calls": [
        ToolCallDelta(0, "fc_1", "get_weather", '{"city": "Oslo"}', "CiQB"),
        ToolCallDelta(1, "fc_2", "get_time", "{}"),
        finished(StopReason.TOOL_CALLS, Usage(8, 12)),
    ],
    "cached_usage": [
        TextDelta("Hi"),
        finished(StopReason.END, Usage(120, 10, 900, reasoning_tokens=3)),
    ],
    "no_usage": [TextDelta("Hi"), finished(StopReason.END, None)],
    "usage_after_finish": [TextDelta("Hi"), finished(StopReason.END, Usage(8, 2))],
    "max_tokens_without_content": [
        finished(StopReason.MAX_TOKENS, Usage(8, 99, reasoning_tokens=99))
    ],
    "safety_in_the_middle": [
        TextDelta("Once upon"),
        finished(StopReason.REFUSAL, Usage(8, 2)),
    ],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("is_dripped", [False, True])
async def test_a_recorded_stream_becomes_events_however_its_bytes_are_cut(
    on_wire: OnWire, name: str, is_dripped: bool
) -> None:
    reply = recorded(f"google/{name}.sse")
    provider, _ = await on_wire(reply.byte_by_byte() if is_dripped else reply)
    assert await collected(provider) == STREAMS[name]


async def test_calls_without_an_id_receive_one_of_their_own(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("google/function_call.sse"))
    ids = []
    for _ in range(2):
        call, end = await collected(provider)
        assert isinstance(call, ToolCallDelta)
        assert re.fullmatch(r"call_[0-9a-f]{32}", call.id)
        ids.append(call.id)
        expected = ToolCallDelta(0, "", "get_weather", '{"city": "Oslo"}', "CiQB")
        assert replace(call, id="") == expected
        assert end == finished(StopReason.TOOL_CALLS, Usage(8, 32, reasoning_tokens=20))
    assert ids[0] != ids[1]


async def test_the_request_carries_the_key_in_its_header_only(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("google/plain_text.sse"))
    await collected(provider)
    (request,) = wire.requests
    assert request.path == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    assert request.headers["x-goog-api-key"] == KEY
    assert request.json == {
        "contents": [{"parts": [{"text": "Hello"}], "role": "user"}],
        "generationConfig": {"maxOutputTokens": 100},
    }


FULL = ModelRequest(
    MODEL,
    (
        Message("user", (TextPart("Hi"), ImagePart("image/png", b"\x89PNG"))),
        Message(
            "assistant",
            (
                ThinkingPart("Hm.", "EtAB", "google"),
                ToolCallPart("fc_1", "f", {"a": 1}, "CiQB"),
            ),
        ),
        Message("user", (ToolResultPart("fc_1", "f", "12"),)),
    ),
    100,
    system="Be brief.",
    tools=(ToolSpec("f", "Does it.", {"type": "object"}),),
    tool_choice=ToolChoice("tool", "f"),
    json_schema={"type": "object", "properties": {"a": {"type": "string"}}},
    temperature=0.0,
    stop=("END",),
    effort=Effort.LOW,
)
# The SDK spells some names with underscores; the vendor reads both spellings.
CALL = {"id": "fc_1", "name": "f", "args": {"a": 1}}
ANSWER = {"id": "fc_1", "name": "f", "response": {"output": "12"}}
WRITTEN: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "Hi"},
                {"inlineData": {"mime_type": "image/png", "data": "iVBORw=="}},
            ],
        },
        {
            "role": "model",
            "parts": [
                {"text": "", "thoughtSignature": "EtAB"},
                {"functionCall": CALL, "thoughtSignature": "CiQB"},
            ],
        },
        {"role": "user", "parts": [{"functionResponse": ANSWER}]},
    ],
    "tools": [
        {
            "functionDeclarations": [
                {
                    "name": "f",
                    "description": "Does it.",
                    "parameters_json_schema": {"type": "object"},
                }
            ]
        }
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "maxOutputTokens": 100,
        "temperature": 0.0,
        "stopSequences": ["END"],
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object", "properties": {"a": {"type": "string"}}},
        "thinkingConfig": {"thinking_level": "LOW", "include_thoughts": True},
    },
}


async def test_a_full_request_reaches_the_wire_in_the_vendors_words(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("google/plain_text.sse"))
    await drained(provider.stream(FULL))
    assert wire.requests[0].json == WRITTEN


async def test_the_environment_changes_neither_address_nor_key(
    on_wire: OnWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "GOOGLE_API_KEY": "AIzaOther",
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_GENAI_API_VERSION": "v9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    provider, wire = await on_wire(recorded("google/plain_text.sse"))
    assert await collected(provider) == STREAMS["plain_text"]
    assert wire.requests[0].headers["x-goog-api-key"] == KEY


@pytest.mark.parametrize(
    ("given", "host", "version"),
    [
        ("https://example.org", "https://example.org", "v1beta"),
        ("https://example.org/v1beta/", "https://example.org", "v1beta"),
        ("https://example.org/gemini/v1", "https://example.org/gemini", "v1"),
        ("https://example.org/gemini/", "https://example.org/gemini", "v1beta"),
    ],
)
def test_an_address_may_name_its_version(given: str, host: str, version: str) -> None:
    assert address(given) == (host, version)


async def test_one_connection_serves_several_calls(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("google/plain_text.sse"))
    for _ in range(3):
        await collected(provider)
    assert (len(wire.requests), wire.connections) == (3, 1)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (recorded("google/cut_before_finish.sse", ending="cut"), errors.BadStream),
        (recorded("google/cut_before_finish.sse"), errors.BadStream),
        (recorded("google/malformed_json.sse"), errors.BadStream),
        (recorded("google/malformed_function_call.sse"), errors.BadStream),
        (recorded("google/overloaded_in_the_middle.sse"), errors.Overloaded),
    ],
)
async def test_an_answer_that_breaks_keeps_its_text_and_never_finishes(
    on_wire: OnWire, reply: Reply, kind: type[errors.ProviderError]
) -> None:
    provider, _ = await on_wire(reply)
    events: list[ProviderEvent] = []
    with pytest.raises(errors.ProviderError) as caught:
        await collected(provider, into=events)
    assert type(caught.value) is kind
    assert events == [TextDelta("Once upon")]


async def test_a_blocked_prompt_is_refused_content(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("google/prompt_blocked.sse"))
    with pytest.raises(errors.ContentRefused, match="PROHIBITED_CONTENT"):
        await collected(provider)


@pytest.mark.parametrize(
    ("reply", "kind", "retry_after_s"),
    [
        (recorded("google/error_bad_key.json", status=400), errors.AuthError, None),
        (recorded("google/error_no_billing_here.json", status=400), errors.QuotaExhausted, None),
        (recorded("google/error_limit_per_minute.json", status=429), errors.RateLimited, 17.5),
        (recorded("google/error_limit_per_day.json", status=429), errors.QuotaExhausted, 33.0),
        (refusal(400, "INVALID_ARGUMENT"), errors.BadRequest, None),
        (refusal(401, "UNAUTHENTICATED"), errors.AuthError, None),
        (refusal(403, "PERMISSION_DENIED"), errors.AuthError, None),
        (refusal(404, "NOT_FOUND"), errors.ModelNotFound, None),
        (refusal(413, "INVALID_ARGUMENT"), errors.BadRequest, None),
        (refusal(429, "RESOURCE_EXHAUSTED", retry_after="7"), errors.RateLimited, 7.0),
        (refusal(500, "INTERNAL"), errors.ServerFault, None),
        (refusal(503, "UNAVAILABLE"), errors.Overloaded, None),
        (refusal(504, "DEADLINE_EXCEEDED"), errors.TimedOut, None),
        (refusal(529, "OVERLOADED"), errors.Overloaded, None),
    ],
)
async def test_a_refused_call_becomes_the_matching_error_after_one_attempt(
    on_wire: OnWire,
    reply: Reply,
    kind: type[errors.ProviderError],
    retry_after_s: float | None,
) -> None:
    provider, wire = await on_wire(reply)
    with pytest.raises(errors.ProviderError) as caught:
        await collected(provider)
    assert type(caught.value) is kind
    assert caught.value.status == reply.status
    assert caught.value.retry_after_s == retry_after_s
    assert len(wire.requests) == 1


async def test_a_call_dropped_after_it_was_sent_may_have_been_billed(on_wire: OnWire) -> None:
    provider, wire = await on_wire(Reply(ending="dropped"))
    with pytest.raises(errors.BadStream) as caught:
        await collected(provider)
    assert caught.value.may_be_billed
    assert len(wire.requests) == 1


async def test_a_gateways_page_of_html_does_not_reach_the_message(on_wire: OnWire) -> None:
    provider, _ = await on_wire(Reply(b"<html>Bad gateway</html>", 502, content_type="text/html"))
    with pytest.raises(errors.ServerFault, match=r"^The provider answered 502\.$"):
        await collected(provider)


async def test_an_echoed_key_is_cut_out_of_the_message(on_wire: OnWire) -> None:
    provider, _ = await on_wire(refusal(403, "PERMISSION_DENIED", f"Bad key {KEY}!"))
    with pytest.raises(errors.AuthError, match=r"^Bad key \[key\]!$") as caught:
        await collected(provider)
    assert caught.value.__cause__ is None


async def test_a_redirect_is_not_followed(on_wire: OnWire, start_wire: StartWire) -> None:
    elsewhere = await start_wire(recorded("google/plain_text.sse"))
    provider, _ = await on_wire(Reply(status=307, headers={"location": elsewhere.url}))
    with pytest.raises(errors.Unreachable, match="redirect"):
        await collected(provider)
    assert elsewhere.requests == []


@pytest.mark.parametrize("place", ["http://127.0.0.1:9", "http://[broken", "ftp://127.0.0.1"])
async def test_an_address_where_nobody_answers_is_unreachable(place: str) -> None:
    provider = GoogleProvider(ProviderSpec("gateway", "google", place, KEY))
    with pytest.raises(errors.Unreachable, match="gateway"):
        await collected(provider)
    await provider.aclose()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ConnectTimeout("slow"), errors.Unreachable),
        (httpx2.ReadTimeout("slow"), errors.TimedOut),
    ],
)
def test_a_time_limit_while_connecting_is_told_from_one_while_waiting(
    error: Exception, kind: type[errors.ProviderError]
) -> None:
    with pytest.raises(kind), vendor_errors(ProviderSpec("google", "google")):
        raise error


async def test_without_a_key_nothing_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "AIzaOther")
    provider = GoogleProvider(ProviderSpec("google", "google"))
    with pytest.raises(errors.AuthError, match="No API key"):
        await provider.check()


@pytest.mark.parametrize(
    ("reply", "timeouts", "words"),
    [
        (Reply(ending="silent"), Timeouts(first_token_s=0.2), "first token"),
        (
            recorded("google/cut_before_finish.sse", ending="hang"),
            Timeouts(idle_s=0.2),
            "next token",
        ),
    ],
)
async def test_a_silent_provider_is_given_up_and_its_connection_closed(
    on_wire: OnWire, reply: Reply, timeouts: Timeouts, words: str
) -> None:
    provider, wire = await on_wire([json_reply({"models": []}), reply])
    await provider.check()  # opens client and connection, so that only the silence takes time
    with pytest.raises(errors.TimedOut, match=words):
        await drained(guard(provider.stream(REQUEST), timeouts))
    await wire.wait_until_client_closed()


async def test_closing_the_stream_closes_the_connection(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("google/cut_before_finish.sse", ending="hang"))
    async with aclosing(provider.stream(REQUEST)) as events:
        assert await anext(events) == TextDelta("Once upon")
        assert not wire.client_closed.is_set()
    await wire.wait_until_client_closed()


async def test_cancelling_a_call_closes_the_connection(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("google/cut_before_finish.sse", ending="hang"))
    has_begun = asyncio.Event()

    async def drive() -> None:
        async for _ in provider.stream(REQUEST):
            has_begun.set()

    task = asyncio.create_task(drive())
    await has_begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wire.wait_until_client_closed()


async def test_listed_models_are_those_that_answer_over_all_pages(on_wire: OnWire) -> None:
    flash = {
        "name": "models/gemini-3.8-flash",
        "displayName": "Gemini 3.8 Flash",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": True,
    }
    bare = {"name": "models/bare", "supportedGenerationMethods": ["generateContent"]}
    embedding = {"name": "models/e", "supportedGenerationMethods": ["embedContent"]}
    provider, wire = await on_wire(
        [
            json_reply({"models": [flash, embedding], "nextPageToken": "p2"}),
            json_reply({"models": [bare]}),
        ]
    )
    assert await provider.list_models() == (
        DiscoveredModel(MODEL, "Gemini 3.8 Flash", 1_048_576, 65_536, frozenset({"thinking"})),
        DiscoveredModel("bare"),
    )
    assert [request.path for request in wire.requests] == [
        "/v1beta/models?pageSize=1000",
        "/v1beta/models?pageSize=1000&pageToken=p2",
    ]


async def test_a_check_lists_one_model(on_wire: OnWire) -> None:
    provider, wire = await on_wire(json_reply({"models": []}))
    await provider.check()
    assert [request.path for request in wire.requests] == ["/v1beta/models?pageSize=1"]


async def test_a_check_with_a_wrong_key_fails(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("google/error_bad_key.json", status=400))
    with pytest.raises(errors.AuthError):
        await provider.check()


@pytest.mark.parametrize(
    "reply", [Reply(b"<html>Hello</html>", content_type="text/html"), Reply(b"{oops")]
)
async def test_a_check_of_an_address_that_is_no_api_fails(on_wire: OnWire, reply: Reply) -> None:
    provider, _ = await on_wire(reply)
    with pytest.raises(errors.BadStream):
        await provider.check()
