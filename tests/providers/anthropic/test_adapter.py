"""Anthropic's adapter against recorded streams from a loopback server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import anthropic
import httpx2
import pytest

from orchestrator.providers import errors
from orchestrator.providers.anthropic.adapter import AnthropicProvider, vendor_errors
from orchestrator.providers.base import Provider, ProviderSpec, Timeouts
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    Finished,
    Message,
    ModelRequest,
    ProviderEvent,
    StopReason,
    TextDelta,
    TextPart,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from orchestrator.providers.wire.deadlines import guard
from tests.providers.conftest import StartWire
from tests.providers.recorded import Reply, Script, Wire, json_reply, recorded

KEY = "sk-ant-api03-CANARY"
REQUEST = ModelRequest("claude-sonnet-5", (Message("user", (TextPart("Hello"),)),), 100)
OnWire = Callable[[Script], Awaitable[tuple[AnthropicProvider, Wire]]]


@pytest.fixture
async def on_wire(start_wire: StartWire) -> AsyncIterator[OnWire]:
    providers: list[AnthropicProvider] = []

    async def start(script: Script) -> tuple[AnthropicProvider, Wire]:
        wire = await start_wire(script)
        spec = ProviderSpec("anthropic", "anthropic", base_url=wire.url, secret=KEY)
        providers.append(AnthropicProvider(spec))
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


def refusal(status: int, kind: str, message: str = "No.", **headers: str) -> Reply:
    document = {"type": "error", "error": {"type": kind, "message": message}}
    return json_reply(document, status, request_id="req_018", **headers)


PLAIN = [
    TextDelta("Grüße, "),
    TextDelta("Welt 🌍\u2028!"),
    Finished(StopReason.END, Usage(25, 15), "claude-sonnet-5"),
]
HI = [TextDelta("Hi"), Finished(StopReason.END, Usage(25, 15), "claude-sonnet-5")]
STREAMS = {
    "plain_text": PLAIN,
    "crlf": HI,
    "no_event_names": HI,
    "thinking": [
        ThinkingDelta("27 * 453 is "),
        ThinkingDelta("12231."),
        ThinkingDelta("", signature="EqQBCgIYAhIM1gbcDa9GJwZA"),
        TextDelta("12,231"),
        Finished(StopReason.END, Usage(25, 94, reasoning_tokens=80), "claude-sonnet-5"),
    ],
    "redacted_thinking": [
        ThinkingDelta("", signature="redacted:EmwKAhgBEgy3va3p"),
        TextDelta("Hello"),
        Finished(StopReason.END, Usage(25, 15), "claude-sonnet-5"),
    ],
    "tool_use": [
        TextDelta("Let me look."),
        ToolCallDelta(0, "toolu_01T1x1fJ34qAmk2tNTrN7Up6", "get_weather"),
        ToolCallDelta(0, arguments='{"city":'),
        ToolCallDelta(0, arguments=' "Oslo"}'),
        Finished(StopReason.TOOL_CALLS, Usage(25, 15), "claude-sonnet-5"),
    ],
    "parallel_tools": [
        ToolCallDelta(0, "toolu_01A", "get_weather"),
        ToolCallDelta(0, arguments='{"city": "Oslo"}'),
        ToolCallDelta(1, "toolu_01B", "get_time"),
        ToolCallDelta(1, arguments="{}"),
        Finished(StopReason.TOOL_CALLS, Usage(25, 15), "claude-sonnet-5"),
    ],
    "cached_usage": [
        TextDelta("Hi"),
        Finished(StopReason.END, Usage(12, 7, 1000, 40), "claude-sonnet-5"),
    ],
    "no_final_usage": [TextDelta("Hi"), Finished(StopReason.END, None, "claude-sonnet-5")],
    "server_tool": [
        TextDelta("Found."),
        Finished(StopReason.END, Usage(25, 15), "claude-sonnet-5"),
    ],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("is_dripped", [False, True])
async def test_a_recorded_stream_becomes_events_however_its_bytes_are_cut(
    on_wire: OnWire, name: str, is_dripped: bool
) -> None:
    reply = recorded(f"anthropic/{name}.sse")
    provider, _ = await on_wire(reply.byte_by_byte() if is_dripped else reply)
    assert await collected(provider) == STREAMS[name]


async def test_the_request_carries_key_version_and_body_to_the_given_address(
    on_wire: OnWire,
) -> None:
    reply = recorded("anthropic/plain_text.sse", headers={"request-id": "req_7"})
    provider, wire = await on_wire(reply)
    events = await collected(provider)
    (request,) = wire.requests
    assert (request.method, request.path) == ("POST", "/v1/messages")
    assert request.headers["x-api-key"] == KEY
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["anthropic-version"]
    assert request.json == {
        "model": "claude-sonnet-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
        "stream": True,
    }
    assert isinstance(events[-1], Finished)
    assert events[-1].request_id == "req_7"


async def test_the_environment_changes_neither_address_nor_key(
    on_wire: OnWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-other")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    provider, wire = await on_wire(recorded("anthropic/plain_text.sse"))
    assert await collected(provider) == PLAIN
    assert wire.requests[0].headers["x-api-key"] == KEY


async def test_a_gateway_without_a_key_never_receives_the_key_of_the_environment(
    start_wire: StartWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-other")
    wire = await start_wire(recorded("anthropic/plain_text.sse"))
    provider = AnthropicProvider(ProviderSpec("gateway", "anthropic", base_url=wire.url))
    assert await collected(provider) == PLAIN
    await provider.aclose()
    assert "sk-ant-other" not in str(wire.requests[0].headers)


async def test_one_connection_serves_several_calls(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("anthropic/plain_text.sse"))
    for _ in range(3):
        await collected(provider)
    assert (len(wire.requests), wire.connections) == (3, 1)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (recorded("anthropic/cut_before_stop.sse", ending="cut"), errors.BadStream),
        (recorded("anthropic/cut_before_stop.sse"), errors.BadStream),
        (recorded("anthropic/malformed_json.sse"), errors.BadStream),
        (recorded("anthropic/overloaded_in_the_middle.sse"), errors.Overloaded),
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


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(400, "invalid_request_error"), errors.BadRequest),
        (
            refusal(400, "invalid_request_error", "Your credit balance is too low."),
            errors.QuotaExhausted,
        ),
        (refusal(401, "authentication_error"), errors.AuthError),
        (refusal(402, "billing_error"), errors.QuotaExhausted),
        (refusal(403, "permission_error"), errors.AuthError),
        (refusal(404, "not_found_error"), errors.ModelNotFound),
        (refusal(413, "request_too_large"), errors.BadRequest),
        (refusal(429, "rate_limit_error"), errors.RateLimited),
        (refusal(429, "rate_limit_error", "Spend limit reached."), errors.QuotaExhausted),
        (refusal(500, "api_error"), errors.ServerFault),
        (refusal(504, "timeout_error"), errors.TimedOut),
        (refusal(529, "overloaded_error"), errors.Overloaded),
    ],
)
async def test_a_refused_call_becomes_the_matching_error_after_one_attempt(
    on_wire: OnWire, reply: Reply, kind: type[errors.ProviderError]
) -> None:
    provider, wire = await on_wire(reply)
    with pytest.raises(errors.ProviderError) as caught:
        await collected(provider)
    assert type(caught.value) is kind
    assert caught.value.status == reply.status
    assert caught.value.request_id == "req_018"
    assert len(wire.requests) == 1


async def test_a_call_dropped_after_it_was_sent_may_have_been_billed(on_wire: OnWire) -> None:
    provider, wire = await on_wire(Reply(ending="dropped"))
    with pytest.raises(errors.BadStream) as caught:
        await collected(provider)
    assert caught.value.may_be_billed
    assert len(wire.requests) == 1


async def test_a_rate_limit_keeps_the_time_to_wait(on_wire: OnWire) -> None:
    provider, _ = await on_wire(refusal(429, "rate_limit_error", "Slow down.", retry_after="7"))
    with pytest.raises(errors.RateLimited, match=r"Slow down\.") as caught:
        await collected(provider)
    assert caught.value.retry_after_s == 7.0


async def test_a_gateways_page_of_html_does_not_reach_the_message(on_wire: OnWire) -> None:
    provider, _ = await on_wire(Reply(b"<html>Bad gateway</html>", 502, content_type="text/html"))
    with pytest.raises(errors.ServerFault, match=r"^The provider answered 502\.$"):
        await collected(provider)


async def test_an_echoed_key_is_cut_out_of_the_message(on_wire: OnWire) -> None:
    provider, _ = await on_wire(refusal(401, "authentication_error", f"Bad key {KEY}!"))
    with pytest.raises(errors.AuthError, match=r"^Bad key \[key\]!$") as caught:
        await collected(provider)
    assert caught.value.__cause__ is None


async def test_a_redirect_is_not_followed(on_wire: OnWire, start_wire: StartWire) -> None:
    elsewhere = await start_wire(recorded("anthropic/plain_text.sse"))
    provider, _ = await on_wire(Reply(status=307, headers={"location": elsewhere.url}))
    with pytest.raises(errors.Unreachable, match="redirect"):
        await collected(provider)
    assert elsewhere.requests == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://[broken", "ftp://127.0.0.1"])
async def test_an_address_where_nobody_answers_is_unreachable(address: str) -> None:
    provider = AnthropicProvider(ProviderSpec("gateway", "anthropic", address, KEY))
    with pytest.raises(errors.Unreachable, match="gateway could not be reached"):
        await collected(provider)
    await provider.aclose()


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (httpx2.ConnectTimeout("slow"), errors.Unreachable),
        (httpx2.ReadTimeout("slow"), errors.TimedOut),
    ],
)
def test_a_time_limit_while_connecting_is_told_from_one_while_waiting(
    cause: Exception, kind: type[errors.ProviderError]
) -> None:
    spec = ProviderSpec("anthropic", "anthropic")
    error = anthropic.APITimeoutError(request=httpx2.Request("POST", "http://127.0.0.1"))
    error.__cause__ = cause
    with pytest.raises(kind), vendor_errors(spec):
        raise error


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("sk-ant-oat01-abc", "Claude Code CLI gear"),
        ("", "No API key"),
        ("sk-ant\nx: y", "odd characters"),
    ],
)
async def test_a_key_that_cannot_work_is_refused_without_a_call(secret: str, words: str) -> None:
    provider = AnthropicProvider(ProviderSpec("anthropic", "anthropic", secret=secret))
    with pytest.raises(errors.AuthError, match=words):
        await collected(provider)
    with pytest.raises(errors.AuthError, match=words):
        await provider.check()


@pytest.mark.parametrize(
    ("reply", "timeouts", "words"),
    [
        (Reply(ending="silent"), Timeouts(first_token_s=0.2), "first token"),
        (
            recorded("anthropic/cut_before_stop.sse", ending="hang"),
            Timeouts(idle_s=0.2),
            "next token",
        ),
    ],
)
async def test_a_silent_provider_is_given_up_and_its_connection_closed(
    on_wire: OnWire, reply: Reply, timeouts: Timeouts, words: str
) -> None:
    provider, wire = await on_wire([json_reply({"data": []}), reply])
    await provider.check()  # opens client and connection, so that only the silence takes time
    with pytest.raises(errors.TimedOut, match=words):
        await drained(guard(provider.stream(REQUEST), timeouts))
    await wire.wait_until_client_closed()


async def test_closing_the_stream_closes_the_connection(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("anthropic/cut_before_stop.sse", ending="hang"))
    async with aclosing(provider.stream(REQUEST)) as events:
        assert await anext(events) == TextDelta("Once upon")
        assert not wire.client_closed.is_set()
    await wire.wait_until_client_closed()


async def test_cancelling_a_call_closes_the_connection(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("anthropic/cut_before_stop.sse", ending="hang"))
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


def listed(**changes: object) -> dict[str, object]:
    model = {"id": "claude-sonnet-5", "type": "model", "display_name": "Claude Sonnet 5"}
    return {**model, "created_at": "2026-05-01T00:00:00Z", "lifecycle": "active", **changes}


async def test_listed_models_tell_what_the_vendor_says_over_all_pages(on_wire: OnWire) -> None:
    yes, no = {"supported": True}, {"supported": False}
    facts = {
        "image_input": yes,
        "pdf_input": no,
        "thinking": {"supported": True, "types": {}},
        "structured_outputs": yes,
    }
    full = listed(max_input_tokens=1_000_000, max_tokens=64_000, capabilities=facts)
    pages = [
        json_reply({"data": [full], "has_more": True, "last_id": "claude-sonnet-5"}),
        json_reply({"data": [{"id": "bare"}], "has_more": False, "last_id": "bare"}),
    ]
    provider, wire = await on_wire(pages)
    assert await provider.list_models() == (
        DiscoveredModel(
            "claude-sonnet-5",
            "Claude Sonnet 5",
            1_000_000,
            64_000,
            frozenset({"tools", "vision", "thinking", "json_schema"}),
        ),
        DiscoveredModel("bare"),
    )
    assert [request.path for request in wire.requests] == [
        "/v1/models?limit=1000",
        "/v1/models?limit=1000&after_id=claude-sonnet-5",
    ]


async def test_a_check_lists_one_model(on_wire: OnWire) -> None:
    provider, wire = await on_wire(json_reply({"data": [], "has_more": False}))
    await provider.check()
    assert [request.path for request in wire.requests] == ["/v1/models?limit=1"]


async def test_a_check_with_a_wrong_key_fails(on_wire: OnWire) -> None:
    provider, _ = await on_wire(refusal(401, "authentication_error"))
    with pytest.raises(errors.AuthError):
        await provider.check()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>Hello</html>", content_type="text/html"),
        Reply(b"{oops"),
        json_reply(["models"]),
        json_reply({"models": []}),
    ],
)
async def test_a_check_of_an_address_that_is_no_api_fails(on_wire: OnWire, reply: Reply) -> None:
    provider, _ = await on_wire(reply)
    with pytest.raises(errors.BadStream):
        await provider.check()
