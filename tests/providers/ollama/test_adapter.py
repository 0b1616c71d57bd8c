"""The Ollama adapter against recorded streams from a loopback server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import pytest

from orchestrator.providers import errors
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.ollama import adapter
from orchestrator.providers.ollama.adapter import OllamaProvider, PullProgress
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
from tests.providers.recorded import Reply, Request, Script, Wire, json_reply, recorded

HELLO = Message("user", (TextPart("Hello"),))
REQUEST = ModelRequest("qwen3:4b", (HELLO,), 100)
OnWire = Callable[..., Awaitable[tuple[OllamaProvider, Wire]]]


@pytest.fixture
async def on_wire(start_wire: StartWire) -> AsyncIterator[OnWire]:
    providers: list[OllamaProvider] = []

    async def start(script: Script, **options: str) -> tuple[OllamaProvider, Wire]:
        wire = await start_wire(script)
        providers.append(OllamaProvider(ProviderSpec("ollama", "ollama", wire.url, "", options)))
        return providers[-1], wire

    yield start
    for provider in providers:
        await provider.aclose()


async def collected(
    provider: OllamaProvider, request: ModelRequest = REQUEST
) -> list[ProviderEvent]:
    return [event async for event in provider.stream(request)]


def finish(reason: StopReason, usage: Usage | None, model: str = "qwen3:4b") -> Finished:
    return Finished(reason, usage, model)


STREAMS = {
    "text": [
        TextDelta("Hel"),
        TextDelta("lo, wörld 🌷"),
        finish(StopReason.END, Usage(11, 7)),
    ],
    "thinking": [
        ThinkingDelta("Let me "),
        ThinkingDelta("see."),
        TextDelta("Yes."),
        finish(StopReason.END, Usage(5, 9)),
    ],
    "tools": [
        ToolCallDelta(0, "call_h2x8", "weather", '{"city": "Kiel"}'),
        ToolCallDelta(1, "call_k9d1", "time", "{}"),
        finish(StopReason.TOOL_CALLS, Usage(40, 12)),
    ],
    "length": [TextDelta("One two"), finish(StopReason.MAX_TOKENS, Usage(3, 2))],
    "no_counts": [TextDelta("Hi"), finish(StopReason.END, None, "kimi-k2.7-code:cloud")],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("is_dripping", [False, True], ids=["whole", "byte by byte"])
async def test_recorded_streams(on_wire: OnWire, name: str, is_dripping: bool) -> None:
    reply = recorded(f"ollama/{name}.ndjson")
    provider, _ = await on_wire(reply.byte_by_byte() if is_dripping else reply)
    assert await collected(provider) == STREAMS[name]


async def test_an_error_in_the_middle_is_raised_after_what_came(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("ollama/error_in_the_middle.ndjson"))
    stream = provider.stream(REQUEST)
    assert await anext(stream) == TextDelta("Hel")
    with pytest.raises(errors.ServerFault, match="CUDA"):
        await anext(stream)


async def test_older_hosts_tool_calls_get_ids_that_are_used_once(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("ollama/tools_without_ids.ndjson"))
    events = [*await collected(provider), *await collected(provider)]
    calls = [event for event in events if isinstance(event, ToolCallDelta)]
    assert [(call.index, call.name) for call in calls] == [(0, "weather"), (1, "time")] * 2
    assert len({call.id for call in calls if call.id}) == 4


async def test_a_missing_model_is_told_with_the_next_step(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply({"error": "model 'qwen3:4b' not found"}, 404))
    with pytest.raises(errors.ModelNotFound, match="clutch gears pull NAME") as missing:
        await collected(provider)
    assert "ollama pull qwen3:4b" in missing.value.message


async def test_a_path_that_is_not_ollamas_is_told_as_a_wrong_address(on_wire: OnWire) -> None:
    provider, _ = await on_wire(Reply(b"404 page not found", 404, "text/plain"))
    with pytest.raises(errors.Unreachable, match="base URL"):
        await collected(provider)


async def test_the_key_of_a_guarded_host_is_sent_and_never_told(start_wire: StartWire) -> None:
    wire = await start_wire(json_reply({"error": "odd key s3cret-token"}, 403))
    provider = OllamaProvider(ProviderSpec("ollama", "ollama", wire.url, "s3cret-token"))
    with pytest.raises(errors.AuthError) as refused:
        await collected(provider)
    await provider.aclose()
    assert wire.requests[0].headers["authorization"] == "Bearer s3cret-token"
    assert refused.value.message == "odd key [key]"


@pytest.mark.parametrize("body", [b"not json\n", b"[1]\n", b"\xff\xfe\n"])
async def test_what_is_not_json_is_a_bad_stream(on_wire: OnWire, body: bytes) -> None:
    provider, _ = await on_wire(Reply(body, content_type="application/x-ndjson"))
    with pytest.raises(errors.BadStream):
        await collected(provider)


async def test_a_cut_stream_is_a_bad_stream(on_wire: OnWire) -> None:
    first_line = recorded("ollama/text.ndjson").body.split(b"\n")[0] + b"\n"
    provider, _ = await on_wire(Reply(first_line, content_type="application/x-ndjson"))
    with pytest.raises(errors.BadStream):
        async for _event in guard(provider.stream(REQUEST), Timeouts()):
            pass


async def test_silence_ends_at_the_first_token_limit(on_wire: OnWire) -> None:
    provider, _ = await on_wire(Reply(ending="silent"))
    with pytest.raises(errors.TimedOut):
        async for _event in guard(provider.stream(REQUEST), Timeouts(first_token_s=0.05)):
            pass


async def test_leaving_closes_the_connection(on_wire: OnWire) -> None:
    line = recorded("ollama/text.ndjson").body.split(b"\n")[0] + b"\n"
    provider, wire = await on_wire(Reply(line, content_type="application/x-ndjson", ending="hang"))
    async with aclosing(provider.stream(REQUEST)) as events:
        assert await anext(events) == TextDelta("Hel")
    await wire.wait_until_client_closed()


async def test_a_host_that_is_not_there_is_unreachable(on_wire: OnWire) -> None:
    provider = OllamaProvider(ProviderSpec("ollama", "ollama", "http://127.0.0.1:9"))
    with pytest.raises(errors.Unreachable):
        await provider.check()
    await provider.aclose()


async def test_models_are_listed_with_what_the_host_knows(on_wire: OnWire) -> None:
    def host(request: Request) -> Reply:
        if request.path == "/api/tags":
            entries = [
                {"model": "qwen3:4b", "details": {"parameter_size": "4.0B"}},
                {"model": "old", "details": {}},
                {"details": {"parameter_size": "1B"}},
            ]
            return json_reply({"models": entries})
        if request.json["model"] == "old":
            return json_reply({"error": "no such route"}, 404)
        return json_reply(
            {"capabilities": ["tools"], "model_info": {"qwen3.context_length": 40_960}}
        )

    provider, _ = await on_wire(host)
    assert await provider.list_models() == (
        DiscoveredModel(
            "qwen3:4b", context_window=40_960, capabilities=frozenset({"tools"}), size_b=4.0
        ),
        DiscoveredModel("old"),
    )


async def test_details_are_asked_for_few_models_at_once(on_wire: OnWire) -> None:
    entries = [{"model": f"model-{number}"} for number in range(12)]
    provider, wire = await on_wire(
        lambda request: json_reply({"models": entries} if request.method == "GET" else {})
    )
    assert len(await provider.list_models()) == 12
    assert len(wire.requests) == 13
    assert wire.connections <= adapter.SHOW_AT_ONCE + 1


async def test_a_list_of_another_kind_is_a_bad_stream(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply(["qwen3:4b"]))
    with pytest.raises(errors.BadStream):
        await provider.list_models()


async def test_a_check_asks_for_the_version_only(on_wire: OnWire) -> None:
    provider, wire = await on_wire(json_reply({"version": "0.14.0"}))
    await provider.check()
    assert [(request.method, request.path) for request in wire.requests] == [
        ("GET", "/api/version")
    ]


async def test_a_pull_tells_how_far_it_is(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("ollama/pull.ndjson"))
    steps = [step async for step in provider.pull("qwen3:4b")]
    assert steps[0] == PullProgress("pulling manifest")
    assert steps[2] == PullProgress("pulling 3e4cb1417446", 2_000, 2_000)
    assert steps[-1].status == "success"
    assert wire.requests[0].path == "/api/pull"
    assert wire.requests[0].json == {"model": "qwen3:4b", "stream": True}


async def test_a_pull_of_a_name_that_the_library_lacks_says_so(on_wire: OnWire) -> None:
    provider, _ = await on_wire(recorded("ollama/pull_unknown.ndjson"))
    with pytest.raises(errors.ModelNotFound, match="library has no model named qwen9:4b"):
        async for _step in provider.pull("qwen9:4b"):
            pass


async def test_leaving_a_pull_closes_the_connection(on_wire: OnWire) -> None:
    line = recorded("ollama/pull.ndjson").body.split(b"\n")[0] + b"\n"
    provider, wire = await on_wire(Reply(line, content_type="application/x-ndjson", ending="hang"))
    async with aclosing(provider.pull("qwen3:4b")) as steps:
        assert await anext(steps) == PullProgress("pulling manifest")
    await wire.wait_until_client_closed()


async def test_addresses_are_asked_all_at_once(start_wire: StartWire) -> None:
    def host(request: Request) -> Reply:
        is_openai = request.path == "/v1/models"
        return json_reply({"data": []} if is_openai else {"version": "0.14.0"})

    wire = await start_wire(host)
    silent = await start_wire(Reply(ending="silent"))
    urls = (wire.url, silent.url, "http://127.0.0.1:9", f"{wire.url}/v1", f"{wire.url}/")
    found = await asyncio.wait_for(adapter.find(urls, timeout_s=0.5), 5)
    assert found == (wire.url, f"{wire.url}/v1", f"{wire.url}/")
    assert {request.path for request in wire.requests} == {"/api/version", "/v1/models"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<h1>Welcome</h1>", content_type="text/html"),
        json_reply({"status": "fine"}),
        json_reply(["version"]),
        json_reply({"version": "1"}, 404),
        Reply(status=302, headers={"location": "/elsewhere"}),
        Reply(ending="dropped"),
    ],
    ids=["page", "other document", "list", "not found", "redirect", "dropped"],
)
async def test_other_programs_on_a_known_port_are_not_model_servers(
    start_wire: StartWire, reply: Reply
) -> None:
    wire = await start_wire(reply)
    assert await adapter.find((wire.url, "not an address", "")) == ()
