"""The Ollama adapter against recorded streams from a loopback server."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.providers import errors, ollama
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.deadlines import guard
from orchestrator.providers.ollama import OllamaProvider, PullProgress
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
    TextPart,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from orchestrator.routing.types import Effort
from tests.providers.conftest import StartWire
from tests.providers.wire import Reply, Request, Script, Wire, json_reply, recorded

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
        ToolCallDelta(0, "call_0", "weather", '{"city": "Kiel"}'),
        ToolCallDelta(1, "call_1", "time", "{}"),
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


async def test_a_missing_model_is_told_with_the_next_step(on_wire: OnWire) -> None:
    provider, _ = await on_wire(json_reply({"error": "model 'qwen3:4b' not found"}, 404))
    with pytest.raises(errors.ModelNotFound) as missing:
        await collected(provider)
    assert "not found" in missing.value.message or "ollama pull" in missing.value.message


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


FULL = ModelRequest(
    model_id="qwen3:4b",
    messages=(
        Message("user", (TextPart("What is this?"), ImagePart("image/png", b"png"))),
        Message("assistant", (TextPart("Hm."), ToolCallPart("c1", "look", {"at": 1}))),
        Message("user", (ToolResultPart("c1", "look", "a tulip"),)),
    ),
    max_output_tokens=50,
    system="Be short.",
    tools=(ToolSpec("look", "Looks.", {"type": "object"}),),
    json_schema={"type": "object"},
    temperature=0.2,
    stop=("END",),
    effort=Effort.HIGH,
)


async def test_a_full_request_reaches_the_wire(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("ollama/text.ndjson"), num_ctx="8192")
    await collected(provider, FULL)
    body: Any = wire.requests[0].json
    assert wire.requests[0].path == "/api/chat"
    assert body["messages"] == [
        {"role": "system", "content": "Be short."},
        {
            "role": "user",
            "content": "What is this?",
            "images": [base64.b64encode(b"png").decode()],
        },
        {
            "role": "assistant",
            "content": "Hm.",
            "tool_calls": [{"function": {"name": "look", "arguments": {"at": 1}}}],
        },
        {"role": "tool", "tool_name": "look", "content": "a tulip"},
    ]
    assert body["options"] == {
        "num_predict": 50,
        "temperature": 0.2,
        "stop": ["END"],
        "num_ctx": 8192,
    }
    assert (body["think"], body["format"], body["stream"]) == (True, {"type": "object"}, True)
    assert body["tools"][0]["function"]["name"] == "look"


@pytest.mark.parametrize(
    ("effort", "options", "think"),
    [
        (None, {}, None),
        (Effort.NONE, {}, False),
        (Effort.LOW, {}, True),
        (Effort.HIGH, {"think": "levels"}, "high"),
        (Effort.MAX, {"think": "levels"}, "medium"),
    ],
)
def test_thinking_is_switched_as_the_model_takes_it(
    effort: Effort | None, options: dict[str, str], think: object
) -> None:
    assert ollama.body_of(replace(REQUEST, effort=effort), options).get("think") == think


def test_a_pdf_is_refused_in_plain_words() -> None:
    message = Message("user", (DocumentPart("application/pdf", b"%PDF"),))
    with pytest.raises(errors.BadRequest, match="Paste their text"):
        ollama.body_of(replace(REQUEST, messages=(message,)), {})


async def test_models_are_listed_with_what_the_host_knows(on_wire: OnWire) -> None:
    def host(request: Request) -> Reply:
        if request.path == "/api/tags":
            entries = [
                {"model": "qwen3:4b", "details": {"parameter_size": "4.0B"}},
                {"model": "old", "details": {}},
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


async def test_a_pull_tells_how_far_it_is(on_wire: OnWire) -> None:
    provider, wire = await on_wire(recorded("ollama/pull.ndjson"))
    steps = [step async for step in provider.pull("qwen3:4b")]
    assert steps[0] == PullProgress("pulling manifest")
    assert steps[2] == PullProgress("pulling 3e4cb1417446", 2_000, 2_000)
    assert steps[-1].status == "success"
    assert wire.requests[0].json == {"model": "qwen3:4b", "stream": True}


@pytest.mark.parametrize(
    ("text", "size"), [("4.0B", 4.0), ("500M", 0.5), ("70b", 70.0), ("", None), ("big", None)]
)
def test_sizes(text: str, size: float | None) -> None:
    assert ollama.size_b(text) == size


async def test_addresses_are_asked_all_at_once(start_wire: StartWire) -> None:
    wire = await start_wire(json_reply({"version": "0.14.0"}))
    silent = await start_wire(Reply(ending="silent"))
    urls = (wire.url, silent.url, "http://127.0.0.1:9", f"{wire.url}/v1")
    found = await asyncio.wait_for(ollama.find(urls, timeout_s=0.5), 5)
    assert found == (wire.url, f"{wire.url}/v1")
    assert {request.path for request in wire.requests} == {"/api/version", "/v1/models"}
