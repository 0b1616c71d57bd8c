"""Chat Completions over the whole engine with the demo: whole answers, chunks, tools, refusals."""

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from orchestrator.models import LedgerEntry, Leg, Trip
from orchestrator.services.database import in_thread
from tests.gateway.asking import Api, Reply, chat

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = "/v1/chat/completions"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
TIME = {"type": "function", "function": {"name": "get_time"}}
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


def deltas(reply: Reply) -> list[Any]:
    chunks = [each for each in reply.documents if each != "[DONE]" and each.get("choices")]
    return [chunk["choices"][0]["delta"] for chunk in chunks]


async def trip_of(reply: Reply) -> Trip:
    pk = reply.headers["x-clutch-trip"]
    return await in_thread(Trip.objects.select_related("payload").get, pk=pk)


async def test_an_answer_comes_with_its_facts_and_counts(api: Api) -> None:
    reply = await api.post(CHAT, chat("Explain quantum computing"))
    document, trip = reply.json(), await trip_of(reply)
    choice = document["choices"][0]
    assert (reply.status, document["object"]) == (200, "chat.completion")
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"] == trip.payload.answer != ""
    assert choice["finish_reason"] == "stop"
    assert document["model"] == "clutch-auto"
    assert document["usage"]["completion_tokens"] == trip.output_tokens
    assert document["usage"]["prompt_tokens"] == trip.input_tokens
    details = document["usage"]["completion_tokens_details"]
    assert details["reasoning_tokens"] == trip.reasoning_tokens > 0
    assert reply.headers["x-clutch-road"] == trip.road
    assert reply.headers["x-clutch-gear"] == trip.gear == document["clutch"]["gear"]


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_the_cost_that_is_told_is_the_ledgers(api: Api, is_streamed: bool) -> None:
    options = {"include_usage": True}
    reply = await api.post(CHAT, chat("Hello", stream=is_streamed, stream_options=options))
    last = reply.documents[-2] if is_streamed else reply.json()
    trip = await trip_of(reply)
    entries = await in_thread(lambda: list(LedgerEntry.objects.filter(kind="settle")))
    booked = {entry.amount_nano for entry in entries}
    assert last["clutch"]["cost_usd"] == f"0.{trip.cost_nano:09d}"
    assert booked == {trip.cost_nano}
    if not is_streamed:
        assert reply.headers["x-clutch-cost-usd"] == last["clutch"]["cost_usd"]


async def test_a_streamed_answer_is_the_same_in_pieces(api: Api) -> None:
    options = {"include_usage": True}
    reply = await api.post(CHAT, chat("Explain tea", stream=True, stream_options=options))
    trip = await trip_of(reply)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-cache, no-transform"
    assert reply.headers["x-accel-buffering"] == "no"
    assert reply.headers["x-clutch-gear"] == trip.gear
    *chunks, counted, done = reply.documents
    assert done == "[DONE]"
    assert counted["choices"] == []
    assert counted["usage"]["completion_tokens"] == trip.output_tokens
    assert {chunk["usage"] for chunk in chunks} == {None}
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert deltas(reply)[0] == {"role": "assistant", "content": ""}
    assert "".join(delta.get("content", "") for delta in deltas(reply)) == trip.payload.answer
    thought = "".join(delta.get("reasoning_content", "") for delta in deltas(reply))
    assert thought == trip.payload.thinking
    reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
    assert [reason for reason in reasons if reason] == ["stop"]


async def test_usage_is_not_streamed_unasked(api: Api) -> None:
    reply = await api.post(CHAT, chat("Hello", stream=True))
    assert reply.documents[-1] == "[DONE]"
    assert all(chunk["choices"] and "usage" not in chunk for chunk in reply.documents[:-1])


@pytest.mark.parametrize("is_streamed", [False, True])
async def test_an_answer_that_is_cut_at_its_length_says_so(api: Api, is_streamed: bool) -> None:
    asked = chat("Explain tea", "demo-1", stream=is_streamed, max_completion_tokens=10)
    reply = await api.post(CHAT, {**asked, "max_tokens": 5_000})
    last = reply.documents[-2] if is_streamed else reply.json()
    assert last["choices"][0]["finish_reason"] == "length"
    assert (await trip_of(reply)).output_tokens == 10


async def test_parallel_tool_calls_are_told_whole(api: Api) -> None:
    asked = chat("Use get_weather and get_time", tools=[WEATHER, TIME])
    reply = await api.post(CHAT, asked)
    choice = reply.json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    names = [call["function"]["name"] for call in choice["message"]["tool_calls"]]
    assert names == ["get_weather", "get_time"]
    arguments = json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"])
    assert set(arguments) == {"city"}


async def test_streamed_tool_calls_carry_an_index_and_their_names_once(api: Api) -> None:
    asked = chat("Use get_weather and get_time", tools=[WEATHER, TIME], stream=True)
    reply = await api.post(CHAT, asked)
    pieces = [call for delta in deltas(reply) for call in delta.get("tool_calls", [])]
    assert {type(piece["index"]) for piece in pieces} == {int}
    named = [(p["index"], p["function"]["name"]) for p in pieces if "id" in p]
    assert named == [(0, "get_weather"), (1, "get_time")]
    whole = "".join(p["function"]["arguments"] for p in pieces if p["index"] == 0)
    assert set(json.loads(whole)) == {"city"}
    assert reply.documents[-2]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("text", ["Use get_weather for Ulm", "/demo fail-below 4 get_weather"])
async def test_the_gear_that_called_a_tool_hears_its_result(api: Api, text: str) -> None:
    asked = chat(text, tools=[WEATHER])
    first = await api.post(CHAT, asked)
    message = first.json()["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "Rain"}
    asked["messages"] += [message, result]
    asked["messages"][0] = {"role": "user", "content": "Use get_weather for Ulm"}
    second = await api.post(CHAT, asked)
    assert "`get_weather` answered: Rain" in second.json()["choices"][0]["message"]["content"]
    assert second.headers["x-clutch-gear"] == first.headers["x-clutch-gear"]
    request = (await trip_of(second)).payload.request
    call, result = request["messages"][1]["parts"][0], request["messages"][2]["parts"][0]
    assert call["id"] == result["call_id"]
    assert "_G_" not in call["id"]


async def test_a_client_may_choose_the_tool(api: Api) -> None:
    choice = {"type": "function", "function": {"name": "get_time"}}
    reply = await api.post(CHAT, chat("Hello", tools=[WEATHER, TIME], tool_choice=choice))
    calls = reply.json()["choices"][0]["message"]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["get_time"]


async def test_an_answer_keeps_to_a_schema(api: Api) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
    reply = await api.post(CHAT, chat("A person", response_format=wanted))
    made = json.loads(reply.json()["choices"][0]["message"]["content"])
    assert set(made) == {"name", "age"}
    plain = await api.post(CHAT, chat("A thing", response_format={"type": "json_object"}))
    assert isinstance(json.loads(plain.json()["choices"][0]["message"]["content"]), dict)


@pytest.mark.parametrize(
    ("wish", "throttle"),
    [
        ({"reasoning_effort": "none"}, 0),
        ({"reasoning_effort": "high"}, 75),
        ({"reasoning": {"effort": "low"}}, 30),
        ({"reasoning": {"max_tokens": 16_000}}, 100),
        ({"reasoning": {"max_tokens": 0}}, 0),
    ],
)
async def test_a_wished_effort_is_the_throttle(
    api: Api, wish: dict[str, Any], throttle: int
) -> None:
    reply = await api.post(CHAT, chat("Explain tea", **wish))
    assert (await trip_of(reply)).throttle == throttle


async def test_instructions_history_and_files_reach_the_model(api: Api) -> None:
    picture = BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "developer", "content": "In German."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": url}},
            ],
        },
    ]
    reply = await api.post(CHAT, {"model": "clutch-auto", "messages": messages})
    assert reply.status == 200, reply.json()
    request = (await trip_of(reply)).payload.request
    assert request["system"] == "Be brief.\n\nIn German."
    assert [message["role"] for message in request["messages"]] == ["user", "assistant", "user"]
    assert [part["type"] for part in request["messages"][-1]["parts"]] == ["text", "image"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"stop": ["a"] * 17}, "stop"),
        ({"stop": [1]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"tools": [{"type": "custom", "custom": {}}]}, None),
        ({"tools": [{"function": {}}]}, "tools.0.function.name"),
        ({"tools": [[]]}, "tools.0"),
        ({"tools": [TIME] * 513}, "tools"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.tool_call_id"),
        ({"clutch": {"colour": "red"}}, "clutch.colour"),
        ({"clutch": {"cap_usd": "1"}}, "clutch.cap_usd"),
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
    ],
)
async def test_what_cannot_be_meant_is_named(api: Api, change: Any, param: str | None) -> None:
    reply = await api.post(CHAT, {**chat("Hello"), **change})
    assert reply.status == 400
    assert reply.error["param"] == param
    assert reply.error["message"]
    assert await in_thread(Trip.objects.count) == 0


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/x.png", "file:///etc/passwd", "data:image/png,abc", "data:;base64,%"],
)
async def test_nothing_is_fetched_from_addresses(api: Api, url: str) -> None:
    content = [{"type": "image_url", "image_url": {"url": url}}]
    messages = [{"role": "user", "content": content}]
    reply = await api.post(CHAT, {"model": "clutch-auto", "messages": messages})
    assert reply.status == 400
    assert reply.error["param"] == "messages.0.content.0.image_url.url"


async def test_unknown_parameters_are_left_alone(api: Api) -> None:
    extra = {"top_p": 0.9, "seed": 7, "user": "ada", "metadata": {"a": "b"}, "store": False, "n": 1}
    assert (await api.post(CHAT, chat("Hello", **extra))).status == 200


async def test_an_unknown_model_is_told_with_the_nearest(api: Api) -> None:
    reply = await api.post(CHAT, chat("Hello", "clutch-tame"))
    assert reply.status == 404
    assert reply.error["code"] == "model_not_found"
    assert "clutch-team" in reply.error["message"]


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize(
    ("text", "status", "code", "retry_after"),
    [
        ("/demo auth", 502, "provider_key_refused", None),
        ("/demo overloaded", 503, "overloaded", "5"),
        ("/demo rate-limit", 429, "rate_limit_exceeded", "2"),  # as the provider asked for
    ],
)
async def test_a_failure_before_the_first_word_has_a_status_of_its_own(
    api: Api, is_streamed: bool, text: str, status: int, code: str, retry_after: str | None
) -> None:
    reply = await api.post(CHAT, chat(text, "demo-1", stream=is_streamed))
    assert (reply.status, reply.error["code"]) == (status, code)
    assert reply.headers["x-should-retry"] == ("true" if retry_after else "false")
    assert reply.headers.get("retry-after") == retry_after
    trip = await trip_of(reply)
    assert (trip.state, trip.cost_nano) == ("failed", 0)


async def test_a_failure_in_the_middle_ends_the_stream_with_an_error(api: Api) -> None:
    reply = await api.post(CHAT, chat("/demo cut", "demo-1", stream=True, reasoning_effort="none"))
    assert reply.status == 200
    assert reply.has_ended
    assert reply.documents[-1]["error"]["code"] == "bad_stream"
    assert "[DONE]" not in reply.documents
    assert "".join(delta.get("content", "") for delta in deltas(reply))


async def test_a_failure_in_the_middle_is_no_whole_answer_without_a_stream(api: Api) -> None:
    reply = await api.post(CHAT, chat("/demo cut", "demo-1"))
    assert (reply.status, reply.error["code"]) == (502, "bad_stream")
    assert reply.headers["x-should-retry"] == "false"
    leg = await in_thread(Leg.objects.get)
    assert leg.cost_nano > 0
