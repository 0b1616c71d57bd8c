"""Anthropic's Messages over the whole engine with the demo: blocks, events, tools, refusals."""

import json
from typing import Any

import pytest

from orchestrator.models import Trip
from orchestrator.services.database import in_thread
from tests.gateway.asking import Api, Reply, chat

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGES = "/v1/messages"
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TIME = {"name": "get_time", "input_schema": {"type": "object", "properties": {}}}


def asking(text: str, **more: Any) -> dict[str, Any]:
    return {**chat(text), "max_tokens": 2_000, **more}


def kinds(reply: Reply) -> list[str]:
    """The names of the events in their order, each run of the same name once."""
    names = [name for name, _ in reply.events()]
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


def blocks(reply: Reply) -> list[Any]:
    """The content as Anthropic's own client puts it together: by arrival."""
    made: list[Any] = []
    for name, event in reply.events():
        if name == "content_block_start":
            assert event["index"] == len(made)
            made.append({**event["content_block"], "json": ""})
        elif name == "content_block_delta":
            _add(made[event["index"]], event["delta"])
    for block in made:
        if arguments := block.pop("json"):
            block["input"] = json.loads(arguments)
    return made


def _add(block: Any, delta: Any) -> None:
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] = delta["signature"]
        case "input_json_delta":
            block["json"] += delta["partial_json"]


async def trip_of(reply: Reply) -> Trip:
    pk = reply.headers["x-clutch-trip"]
    return await in_thread(Trip.objects.select_related("payload").get, pk=pk)


@pytest.mark.parametrize("path", [MESSAGES, f"{MESSAGES}?beta=true"])
async def test_a_message_has_its_blocks_and_counts(api: Api, path: str) -> None:
    reply = await api.post(path, asking("Explain quantum computing"))
    document, trip = reply.json(), await trip_of(reply)
    assert (reply.status, document["type"], document["role"]) == (200, "message", "assistant")
    assert [block["type"] for block in document["content"]] == ["thinking", "text"]
    assert document["content"][1]["text"] == trip.payload.answer
    assert document["stop_reason"] == "end_turn"
    assert document["usage"]["output_tokens"] == trip.output_tokens
    assert document["usage"]["input_tokens"] == trip.input_tokens
    assert reply.headers["x-clutch-cost-usd"] == document["clutch"]["cost_usd"]
    assert document["clutch"]["cost_usd"] == f"0.{trip.cost_nano:09d}"


async def test_events_come_in_their_strict_order(api: Api) -> None:
    reply = await api.post(MESSAGES, asking("Explain quantum computing", stream=True))
    assert kinds(reply) == [
        "message_start",
        *("content_block_start", "content_block_delta", "content_block_stop"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
        "message_delta",
        "message_stop",
    ]
    assert all(name == event["type"] for name, event in reply.events())
    whole = await api.post(MESSAGES, asking("Explain quantum computing"))
    assert blocks(reply) == whole.json()["content"]


async def test_the_first_event_is_a_whole_message_and_the_last_has_the_counts(api: Api) -> None:
    reply = await api.post(MESSAGES, asking("Hello", stream=True))
    first, last = reply.documents[0]["message"], reply.documents[-2]
    trip = await trip_of(reply)
    assert (first["content"], first["stop_reason"]) == ([], None)
    assert first["usage"]["input_tokens"] > 0
    assert last["usage"]["output_tokens"] == trip.output_tokens
    assert last["delta"]["stop_reason"] == "end_turn"
    assert last["clutch"]["cost_usd"] == f"0.{trip.cost_nano:09d}"


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_parallel_calls_are_blocks_of_their_own(api: Api, is_streamed: bool) -> None:
    tools = [WEATHER, TIME]
    asked = asking("Use get_weather and get_time", tools=tools, stream=is_streamed)
    reply = await api.post(MESSAGES, asked)
    content = blocks(reply) if is_streamed else reply.json()["content"]
    calls = [block for block in content if block["type"] == "tool_use"]
    assert [call["name"] for call in calls] == ["get_weather", "get_time"]
    assert len({call["id"] for call in calls}) == 2
    last = reply.documents[-2]["delta"] if is_streamed else reply.json()
    assert last["stop_reason"] == "tool_use"


async def test_the_gear_that_called_a_tool_hears_its_result_and_its_own_thoughts(api: Api) -> None:
    asked = asking("/demo fail-below 4 get_weather", tools=[WEATHER])
    first = await api.post(MESSAGES, asked)
    content = first.json()["content"]
    assert [block["type"] for block in content] == ["thinking", "tool_use"]
    result = {
        "type": "tool_result",
        "tool_use_id": content[1]["id"],
        "content": [{"type": "text", "text": "Rain"}],
        "is_error": True,
    }
    asked["messages"] = [
        {"role": "user", "content": "Use get_weather for Ulm"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [result, {"type": "text", "text": "And now?"}]},
    ]
    second = await api.post(MESSAGES, asked)
    assert "`get_weather` failed with: Rain" in second.json()["content"][-1]["text"]
    assert second.headers["x-clutch-gear"] == first.headers["x-clutch-gear"] == "demo-4"
    sent = (await trip_of(second)).payload.request["messages"]
    thinking, call = sent[1]["parts"]
    assert (thinking["provider"], thinking["signature"][:5]) == ("demo", "demo:")
    assert [part["type"] for part in sent[2]["parts"]] == ["tool_result", "text"]
    assert call["id"] == sent[2]["parts"][0]["call_id"]


async def test_thoughts_of_unknown_origin_are_not_sent_to_anybody(api: Api) -> None:
    foreign = {"type": "thinking", "thinking": "hm", "signature": "EqQB"}
    hidden = {"type": "redacted_thinking", "data": "abc"}
    said = {"type": "text", "text": "Hi"}
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [foreign, hidden, said]},
        {"role": "user", "content": "Again"},
    ]
    reply = await api.post(MESSAGES, asking("", messages=messages))
    sent = (await trip_of(reply)).payload.request["messages"]
    assert [part["type"] for part in sent[1]["parts"]] == ["text"]


async def test_a_block_that_changes_with_every_request_is_not_an_instruction(api: Api) -> None:
    system = [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=1; cch=ab"},
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
    ]
    reply = await api.post(MESSAGES, asking("Hello", system=system))
    assert (await trip_of(reply)).payload.request["system"] == "Be brief."


@pytest.mark.parametrize(
    ("wish", "throttle"),
    [
        ({"thinking": {"type": "disabled"}}, 0),
        ({"thinking": {"type": "enabled", "budget_tokens": 8_000}}, 70),
        ({"output_config": {"effort": "max"}}, 100),
    ],
)
async def test_thinking_that_is_asked_for_is_the_throttle(
    api: Api, wish: dict[str, Any], throttle: int
) -> None:
    reply = await api.post(MESSAGES, asking("Explain tea", **wish))
    assert (await trip_of(reply)).throttle == throttle


async def test_an_answer_keeps_to_a_schema(api: Api) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    form = {"format": {"type": "json_schema", "schema": schema}}
    reply = await api.post(MESSAGES, asking("A number", output_config=form))
    assert set(json.loads(reply.json()["content"][-1]["text"])) == {"a"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"messages": []}, "message to answer"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "content.0"),
        ({"tools": [{"type": "web_search_20260101", "name": "web_search"}]}, "tools.0"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"temperature": 1.5}, "temperature"),
        ({"system": 3}, "system"),
    ],
)
async def test_what_cannot_be_meant_is_named(api: Api, change: Any, where: str) -> None:
    reply = await api.post(MESSAGES, asking("Hello", **change) | change)
    assert (reply.status, reply.error["type"]) == (400, "invalid_request_error")
    assert where in reply.error["message"]


@pytest.mark.parametrize("kind", ["image", "document"])
async def test_nothing_is_fetched_from_addresses(api: Api, kind: str) -> None:
    block = {"type": kind, "source": {"type": "url", "url": "http://127.0.0.1:1/"}}
    messages = [{"role": "user", "content": [block]}]
    reply = await api.post(MESSAGES, asking("", messages=messages))
    assert reply.status == 400
    assert "Nothing is fetched" in reply.error["message"]


async def test_a_busy_provider_has_the_status_that_anthropics_clients_know(api: Api) -> None:
    asked = asking("/demo overloaded", model="demo-1")
    reply = await api.post(MESSAGES, asked)
    assert (reply.status, reply.error["type"]) == (529, "overloaded_error")


async def test_a_failure_in_the_middle_is_an_error_event(api: Api) -> None:
    asked = asking("/demo cut", model="demo-1", stream=True)
    reply = await api.post(MESSAGES, asked)
    assert reply.status == 200
    assert kinds(reply)[-1] == "error"
    assert reply.documents[-1]["error"]["type"] == "api_error"
    assert "message_stop" not in kinds(reply)


async def test_tokens_are_counted_without_a_call(api: Api) -> None:
    short = await api.post(f"{MESSAGES}/count_tokens", chat("Hello"))
    long = await api.post(f"{MESSAGES}/count_tokens", chat("Hello " * 4_000, tools=[WEATHER]))
    assert short.json() == {"input_tokens": 1}
    assert 5_500 < long.json()["input_tokens"] < 7_000
    assert await in_thread(Trip.objects.count) == 0
