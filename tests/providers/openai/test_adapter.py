"""The adapter for OpenAI's format against recorded streams from a loopback server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import Provider, ProviderSpec, Timeouts
from orchestrator.providers.openai.adapter import OpenAICompatibleProvider
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    DocumentPart,
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
from tests.providers.recorded import EVENT_STREAM, Reply, Script, Wire, json_reply, recorded

KEY = "sk-CANARY"
REQUEST = ModelRequest("gpt-5.4-mini", (Message("user", (TextPart("Hello"),)),), 100)
OnWire = Callable[..., Awaitable[tuple[OpenAICompatibleProvider, Wire]]]


@pytest.fixture
async def on_wire(start_wire: StartWire) -> AsyncIterator[OnWire]:
    providers: list[OpenAICompatibleProvider] = []

    async def start(
        script: Script, secret: str = KEY, **options: str
    ) -> tuple[OpenAICompatibleProvider, Wire]:
        wire = await start_wire(script)
        spec = ProviderSpec("gateway", "openai", f"{wire.url}/v1", secret, options)
        providers.append(OpenAICompatibleProvider(spec))
        return providers[-1], wire

    yield start
    for provider in providers:
        await provider.aclose()


async def collected(
    provider: Provider, into: list[ProviderEvent] | None = None, request: ModelRequest = REQUEST
) -> list[ProviderEvent]:
    events = [] if into is None else into
    async for event in provider.stream(request):
        events.append(event)
    return events


USED = Usage(25, 15)


def finish(reason: StopReason = StopReason.END, usage: Usage | None = USED) -> Finished:
    return Finished(reason, usage, "gpt-5.4-mini", "chatcmpl-1")


HI = [TextDelta("Hi"), finish()]
WEATHER_AND_TIME = [
    ToolCallDelta(0, "call_A", "get_weather", '{"a": 1}'),
    ToolCallDelta(1, "call_B", "get_time", '{"b": 2}'),
    finish(StopReason.TOOL_CALLS),
]
STREAMS: dict[str, list[ProviderEvent]] = {
    "plain_text": [TextDelta("Grüße, "), TextDelta("Welt 🌍\u2028!"), finish()],
    "usage_in_last_chunk": HI,
    "crlf": HI,
    "no_space_no_done": HI,
    "done_without_reason": [TextDelta("Hi"), finish(usage=None)],
    "done_twice": HI,
    "data_after_done": HI,
    "second_choice": HI,
    "azure_prompt_filter": HI,
    "odd_values": [TextDelta("Hi"), finish(usage=Usage())],
    "deepseek_reasoning": [
        ThinkingDelta("27 * 453 is "),
        ThinkingDelta("12231."),
        TextDelta("12,231"),
        finish(usage=Usage(100, 94, cached_input_tokens=900, reasoning_tokens=80)),
    ],
    "openrouter_reasoning": [
        ThinkingDelta("Hm."),
        TextDelta("Hi"),
        finish(usage=Usage(100, 7, cached_input_tokens=600, cache_write_tokens=300)),
    ],
    "mistral_thinking": [ThinkingDelta("Hm."), TextDelta("Hi"), finish(StopReason.MAX_TOKENS)],
    "moonshot_usage_in_choice": [
        TextDelta("Hi"),
        finish(usage=Usage(20, 15, cached_input_tokens=5)),
    ],
    "groq_usage": HI,
    "xai_reasoning_beside": [TextDelta("Hi"), finish(usage=Usage(25, 115, reasoning_tokens=100))],
    "no_usage": [TextDelta("Hi"), finish(StopReason.MAX_TOKENS, None)],
    "tool_calls": [
        ToolCallDelta(0, "call_A", "get_weather"),
        ToolCallDelta(0, arguments='{"city":'),
        ToolCallDelta(0, arguments=' "Oslo"}'),
        ToolCallDelta(1, "call_B", "get_time"),
        ToolCallDelta(1, arguments="{}"),
        finish(StopReason.TOOL_CALLS),
    ],
    "tool_calls_interleaved": [
        ToolCallDelta(0, "call_A", "get_weather"),
        ToolCallDelta(1, "call_B", "get_time"),
        ToolCallDelta(0, arguments='{"a": 1}'),
        ToolCallDelta(1, arguments='{"b": 2}'),
        finish(StopReason.TOOL_CALLS),
    ],
    "tool_calls_without_index": [
        ToolCallDelta(0, "call_A", "get_weather", '{"a"'),
        ToolCallDelta(0, arguments=": 1}"),
        ToolCallDelta(1, "call_B", "get_time", '{"b": 2}'),
        finish(StopReason.TOOL_CALLS),
    ],
    "tool_calls_all_index_zero": WEATHER_AND_TIME,
    "tool_calls_repeat_id": [
        ToolCallDelta(0, "call_A", "get_weather", '{"a"'),
        ToolCallDelta(0, arguments=": 1}"),
        ToolCallDelta(1, "call_B", "get_time", '{"b": 2}'),
        finish(StopReason.TOOL_CALLS),
    ],
    "refusal": [TextDelta("I cannot."), finish(StopReason.REFUSAL)],
    "content_filter": [TextDelta("Once"), finish(StopReason.REFUSAL)],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("is_dripped", [False, True])
async def test_a_recorded_stream_becomes_events_however_its_bytes_are_cut(
    on_wire: OnWire, name: str, is_dripped: bool
) -> None:
    reply = recorded(f"openai/{name}.sse")
    provider, _ = await on_wire(reply.byte_by_byte() if is_dripped else reply)
    assert await collected(provider) == STREAMS[name]


CACHED = Usage(400, 94, cached_input_tokens=600, reasoning_tokens=80)


def end(reason: StopReason = StopReason.END, usage: Usage | None = CACHED) -> Finished:
    return Finished(reason, usage, "gpt-5.4", "resp_1")


RESPONSES: dict[str, list[ProviderEvent]] = {
    "plain_text": [TextDelta("Grüße, "), TextDelta("Welt 🌍"), end()],
    "thinking": [ThinkingDelta("Hm."), ThinkingDelta("So."), TextDelta("Hi"), end()],
    "sealed": [
        ThinkingDelta("Hm."),
        ThinkingDelta("", "rs_1:gAAA"),
        ToolCallDelta(0, "call_A", "get_time"),
        ToolCallDelta(0, arguments="{}"),
        end(StopReason.TOOL_CALLS),
    ],
    "tool_calls": [
        ToolCallDelta(0, "call_A", "get_weather"),
        ToolCallDelta(0, arguments='{"a"'),
        ToolCallDelta(1, "call_B", "get_time"),
        ToolCallDelta(0, arguments=": 1}"),
        ToolCallDelta(1, arguments='{"b": 2}'),
        ToolCallDelta(2, "call_C", "get_news"),
        ToolCallDelta(2, arguments="{}"),
        end(StopReason.TOOL_CALLS),
    ],
    "too_long": [TextDelta("Once"), end(StopReason.MAX_TOKENS)],
    "filtered": [TextDelta("Once"), end(StopReason.REFUSAL)],
    "refusal": [TextDelta("I cannot."), end(StopReason.REFUSAL)],
    "no_usage": [TextDelta("Hi"), end(usage=None)],
    "cut": [TextDelta("Once")],
}


@pytest.mark.parametrize("name", RESPONSES)
@pytest.mark.parametrize("is_dripped", [False, True])
async def test_a_recorded_stream_of_the_responses_api_becomes_events(
    on_wire: OnWire, name: str, is_dripped: bool
) -> None:
    reply = recorded(f"openai/responses_{name}.sse")
    provider, wire = await on_wire(reply.byte_by_byte() if is_dripped else reply, api="responses")
    assert await collected(provider) == RESPONSES[name]
    assert wire.requests[0].path == "/v1/responses"


async def test_the_request_carries_the_key_and_the_body_to_the_given_address(
    on_wire: OnWire,
) -> None:
    reply = recorded("openai/plain_text.sse", headers={"x-request-id": "req_7"})
    provider, wire = await on_wire(reply)
    events = await collected(provider)
    (request,) = wire.requests
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json["messages"] == [{"role": "user", "content": "Hello"}]
    assert isinstance(events[-1], Finished)
    assert events[-1].request_id == "req_7"


async def test_azure_takes_its_own_header_and_a_query(on_wire: OnWire) -> None:
    provider, wire = await on_wire(
        recorded("openai/azure_prompt_filter.sse"),
        auth="api-key",
        query="api-version=2026-10-01&x=1",
    )
    assert await collected(provider) == HI
    (request,) = wire.requests
    assert request.path == "/v1/chat/completions?api-version=2026-10-01&x=1"
    assert request.headers["api-key"] == KEY
    assert "authorization" not in request.headers


async def test_without_a_key_none_is_sent(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("openai/crlf.sse"), secret=" ")
    assert await collected(provider) == HI
    assert "authorization" not in wire.requests[0].headers


async def test_a_key_with_odd_characters_is_refused_without_a_call(on_wire: OnWire) -> None:
    provider, wire = await on_wire(json_reply({}), secret="sk-a\nx: y")
    with pytest.raises(errors.AuthError, match="odd characters"):
        await collected(provider)
    assert wire.requests == []


async def test_stop_sequences_take_the_format_that_has_them(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("openai/crlf.sse"), api="responses")
    request = ModelRequest("gpt-5.4-mini", REQUEST.messages, 100, stop=("END",))
    assert await collected(provider, request=request) == HI
    assert wire.requests[0].path == "/v1/chat/completions"
    assert wire.requests[0].json["stop"] == ["END"]


async def test_a_pdf_that_is_not_taken_is_refused_without_a_call(on_wire: OnWire) -> None:
    request = ModelRequest(
        "gpt-5.4-mini", (Message("user", (DocumentPart("application/pdf", b"%PDF"),)),), 100
    )
    provider, wire = await on_wire(json_reply({}))
    with pytest.raises(errors.BadRequest, match="gateway takes no PDF"):
        await collected(provider, request=request)
    assert wire.requests == []


CALL = {"id": "call_A", "function": {"name": "get_weather", "arguments": '{"a": 1}'}}
WHOLE_CHAT = {
    "id": "chatcmpl-1",
    "model": "gpt-5.4-mini",
    "choices": [
        {
            "index": 0,
            "message": {"reasoning_content": "Hm.", "content": "Hi", "tool_calls": [CALL]},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 25, "completion_tokens": 15},
}
WHOLE_RESPONSE = {
    "id": "resp_1",
    "model": "gpt-5.4",
    "status": "completed",
    "error": None,
    "output": [
        {
            "type": "reasoning",
            "id": "rs_1",
            "encrypted_content": "gAAA",
            "summary": [{"type": "summary_text", "text": "Hm."}],
        },
        {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "call_A", "name": "get_time", "arguments": ""},
        {"type": "message", "content": [{"type": "refusal", "refusal": "No."}]},
    ],
    "usage": {"input_tokens": 25, "output_tokens": 15},
}


async def test_a_server_that_does_not_stream_is_understood(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply(WHOLE_CHAT))
    assert await collected(provider) == [
        ThinkingDelta("Hm."),
        TextDelta("Hi"),
        ToolCallDelta(0, "call_A", "get_weather", '{"a": 1}'),
        finish(StopReason.TOOL_CALLS),
    ]


async def test_a_whole_response_is_understood(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply(WHOLE_RESPONSE), api="responses")
    assert await collected(provider) == [
        ThinkingDelta("Hm."),
        ThinkingDelta("", "rs_1:gAAA"),
        TextDelta("Hi"),
        ToolCallDelta(0, "call_A", "get_time"),
        ToolCallDelta(0, arguments="{}"),
        TextDelta("No."),
        end(StopReason.REFUSAL, Usage(25, 15)),
    ]


async def test_a_stream_that_ends_without_saying_so_has_no_finish(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("openai/cut_before_reason.sse"))
    assert await collected(provider) == [TextDelta("Once upon")]
    provider, _ = await on_wire(recorded("openai/cut_before_reason.sse"))
    with pytest.raises(errors.BadStream, match="in the middle"):
        async for _event in guard(provider.stream(REQUEST), Timeouts()):
            pass


@pytest.mark.parametrize(
    ("name", "options", "kind"),
    [
        ("error_in_the_middle", {}, errors.ServerFault),
        ("malformed_json", {}, errors.BadStream),
        ("responses_failed", {"api": "responses"}, errors.RateLimited),
    ],
)
async def test_an_error_in_the_middle_comes_after_the_text_before_it(
    on_wire: OnWire, name: str, options: dict[str, str], kind: type[errors.ProviderError]
) -> None:
    provider, _ = await on_wire(recorded(f"openai/{name}.sse"), **options)
    events: list[ProviderEvent] = []
    with pytest.raises(kind) as caught:
        await collected(provider, events)
    assert events == [TextDelta("Once")]
    assert KEY not in caught.value.message


async def test_an_error_event_keeps_its_meaning_and_request(on_wire: OnWire) -> None:
    reply = recorded("openai/responses_error_event.sse", headers={"x-request-id": "req_7"})
    provider, _ = await on_wire(reply, api="responses")
    with pytest.raises(errors.Overloaded, match=r"^Busy\.$") as caught:
        await collected(provider)
    assert caught.value.request_id == "req_7"


async def test_a_cut_connection_is_a_bad_stream(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("openai/cut_before_reason.sse", ending="cut"))
    events: list[ProviderEvent] = []
    with pytest.raises(errors.BadStream, match="gateway broke the connection off"):
        await collected(provider, events)
    assert events == [TextDelta("Once upon")]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (json_reply({"error": {"message": "no", "code": "invalid_api_key"}}, 401), "AuthError"),
        (json_reply({"error": {"code": "insufficient_quota"}}, 429), "QuotaExhausted"),
        (json_reply({"error": {"code": "rate_limit_exceeded"}}, 429), "RateLimited"),
        (json_reply({"error": {"code": "content_filter"}}, 400), "ContentRefused"),
        (json_reply({"error": {"message": "Model Not Exist"}}, 400), "ModelNotFound"),
        (json_reply({"error": {"message": "bad"}}, 400), "BadRequest"),
        (json_reply({}, 404), "ModelNotFound"),
        (json_reply({}, 500), "ServerFault"),
        (Reply(b"<html>", 502, "text/html"), "ServerFault"),
        (Reply(b"<html>", 200, "text/html"), "BadStream"),
        (json_reply({"error": {"message": "late", "code": 429}}, 200), "RateLimited"),
        (Reply(b"[1]"), "BadStream"),
        (Reply(b"{oops"), "BadStream"),
        (Reply(ending="dropped"), "BadStream"),
        (Reply(status=302, headers={"location": "http://127.0.0.1:9"}), "Unreachable"),
    ],
)
async def test_what_the_server_refuses_is_named(on_wire: OnWire, reply: Reply, kind: str) -> None:
    provider, _ = await on_wire(reply)
    with pytest.raises(errors.ProviderError) as caught:
        await collected(provider)
    assert type(caught.value).__name__ == kind


async def test_a_retry_delay_and_the_request_id_are_kept(on_wire: OnWire) -> None:
    limits = json_reply(
        {"error": {"message": "Slow down."}}, 429, retry_after="7", x_request_id="req_9"
    )
    provider, _ = await on_wire(limits)
    with pytest.raises(errors.RateLimited, match=r"^Slow down\.$") as caught:
        await collected(provider)
    assert (caught.value.retry_after_s, caught.value.request_id) == (7, "req_9")


async def test_what_follows_the_end_is_read_to_keep_the_connection(on_wire: OnWire) -> None:
    answer = recorded("openai/data_after_done.sse").body
    provider, wire = await on_wire(Reply(answer + b": late\n" * 200_000, content_type=EVENT_STREAM))
    assert await collected(provider) == HI
    assert await collected(provider) == HI
    assert (len(wire.requests), wire.connections) == (2, 1)


async def test_closing_the_stream_closes_the_connection(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("openai/cut_before_reason.sse", ending="hang"))
    async with aclosing(provider.stream(REQUEST)) as events:
        assert await anext(events) == TextDelta("Once upon")
        assert not wire.client_closed.is_set()
    await wire.wait_until_client_closed()


async def test_cancelling_a_call_closes_the_connection(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("openai/cut_before_reason.sse", ending="hang"))
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


@pytest.mark.parametrize("ending", ["silent", "hang"])
async def test_a_silent_server_is_given_up_and_its_connection_closed(
    on_wire: OnWire, ending: str
) -> None:
    silent = Reply(content_type=EVENT_STREAM, ending=ending)
    provider, wire = await on_wire([json_reply({"data": []}), silent])
    await provider.check()  # opens client and connection, so that only the silence takes time
    with pytest.raises(errors.TimedOut, match="first token"):
        async for _ in guard(provider.stream(REQUEST), Timeouts(first_token_s=0.2)):
            pass
    await wire.wait_until_client_closed()


async def test_listed_models_tell_what_the_servers_say(on_wire: OnWire) -> None:
    openrouter = {
        "id": "vendor/large",
        "name": "Vendor: Large",
        "context_length": 262_144,
        "architecture": {"input_modalities": ["text", "image", "file"]},
        "top_provider": {"max_completion_tokens": 65_536},
        "supported_parameters": ["tools", "reasoning", "structured_outputs"],
    }
    listed = [
        openrouter,
        {"id": "bare", "object": "model"},
        {"id": "vllm", "max_model_len": 32_768},
        {"id": "groq", "context_window": 131_072, "max_completion_tokens": 8_192},
        {"id": "lm-studio", "max_context_length": 8_192},
        {"id": "llama", "meta": {"n_ctx": 4_096}},
        {"id": "kimi", "supports_image_in": True, "supports_reasoning": True},
        {"id": "mistral", "capabilities": {"function_calling": True, "vision": False}},
        {"id": "odd", "context_length": "many", "architecture": 7, "capabilities": ["x"]},
        {"object": "model"},
        "model",
    ]
    provider, wire = await on_wire(json_reply({"object": "list", "data": listed}))
    claims = frozenset({"vision", "pdf", "tools", "thinking", "json_schema"})
    assert await provider.list_models() == (
        DiscoveredModel("vendor/large", "Vendor: Large", 262_144, 65_536, claims),
        DiscoveredModel("bare"),
        DiscoveredModel("vllm", context_window=32_768),
        DiscoveredModel("groq", context_window=131_072, max_output_tokens=8_192),
        DiscoveredModel("lm-studio", context_window=8_192),
        DiscoveredModel("llama", context_window=4_096),
        DiscoveredModel("kimi", capabilities=frozenset({"vision", "thinking"})),
        DiscoveredModel("mistral", capabilities=frozenset({"tools"})),
        DiscoveredModel("odd"),
    )
    assert (wire.requests[0].method, wire.requests[0].path) == ("GET", "/v1/models")


async def test_a_bare_list_of_models_is_understood(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply([{"id": "a", "display_name": "A"}]))
    assert await provider.list_models() == (DiscoveredModel("a", "A"),)


async def test_a_check_may_ask_another_path(on_wire: OnWire) -> None:
    provider, wire = await on_wire(json_reply({"data": {"label": "x"}}), check_path="/key")
    await provider.check()
    assert wire.requests[0].path == "/v1/key"


async def test_a_check_with_a_wrong_key_fails(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply({"error": {"message": "no"}}, 401))
    with pytest.raises(errors.AuthError):
        await provider.check()


@pytest.mark.parametrize("reply", [Reply(b"<html>"), json_reply({"models": []}), json_reply("x")])
async def test_a_check_of_an_address_that_is_no_api_fails(on_wire: OnWire, reply: Reply) -> None:
    provider, _ = await on_wire(reply)
    with pytest.raises(errors.BadStream):
        await provider.check()


async def test_a_provider_that_was_never_used_closes() -> None:
    await OpenAICompatibleProvider(ProviderSpec("gateway", "openai", "http://h")).aclose()
