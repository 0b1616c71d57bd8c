"""The API of a real server, asked by the vendors' own clients."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx
import openai
import pytest

from tests.faults import rows, swarms, vendor
from tests.faults.vendor import Vendor
from tests.process.processes import wait_until
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
PATTERNS = ["convoy", "team", "cascade", "hybrid", "swarm"]
STATE = "SELECT state FROM orchestrator_trip WHERE id = {run}"
COST = "SELECT cost_nano FROM orchestrator_trip WHERE id = {run}"
SETTLED = "SELECT COALESCE(SUM(amount_nano), 0) FROM orchestrator_ledgerentry WHERE kind = 'settle'"
HELD = "SELECT COUNT(*) FROM orchestrator_reservation WHERE state = 'held'"
TRIPS = "SELECT COUNT(*) FROM orchestrator_trip"


@dataclass(frozen=True)
class Place:
    """A server, its token, and a vendor beside it whose only model is the gear wire-1."""

    home: ServedHome
    vendor: Vendor
    token: str

    def openai(self, token: str = "") -> openai.OpenAI:
        return openai.OpenAI(
            base_url=f"{self.home.url}/v1",
            api_key=token or self.token,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(trust_env=False),
        )

    def anthropic(self, token: str = "") -> anthropic.Anthropic:
        return anthropic.Anthropic(
            base_url=self.home.url,
            api_key=token or self.token,
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(trust_env=False),
        )


@pytest.fixture(scope="module")
def place(served: ServedHome) -> Iterator[Place]:
    with vendor.served() as wire:
        swarms.connect(served, wire)
        made = served.clutch_json("tokens", "create", "--name", "tests")
        yield Place(served, wire, made["token"])


@pytest.fixture
def client(place: Place) -> Iterator[openai.OpenAI]:
    place.vendor.forget()
    with place.openai() as made:
        yield made


@pytest.fixture
def claude(place: Place) -> Iterator[anthropic.Anthropic]:
    place.vendor.forget()
    with place.anthropic() as made:
        yield made


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


def cost_nano(told: str) -> int:
    whole, _, part = told.partition(".")
    return int(whole) * 10**9 + int(part)


def test_both_clients_list_the_models(client: openai.OpenAI, claude: anthropic.Anthropic) -> None:
    names = [model.id for model in client.models.list()]
    assert names == [model.id for model in claude.models.list()]
    assert {"clutch-auto", "claude-auto", "clutch-swarm", "wire-1"} <= set(names)
    assert client.models.retrieve("wire/wire-1").owned_by == "wire"
    assert claude.models.retrieve("claude-auto").type == "model"
    assert [model.id for model in client.models.list()] == names


def test_an_answer_and_what_it_cost(place: Place, client: openai.OpenAI) -> None:
    before = rows.one(place.home, SETTLED)
    raw = client.chat.completions.with_raw_response.create(
        model="clutch-auto", messages=said("Hello")
    )
    answer = raw.parse()
    assert answer.choices[0].message.content == "done with Hello"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (20, 10)
    assert raw.headers["x-clutch-gear"] == "wire-1"
    booked = rows.one(place.home, SETTLED) - before
    assert cost_nano(raw.headers["x-clutch-cost-usd"]) == rows.one(place.home, COST) == booked > 0


def test_a_streamed_answer(place: Place, client: openai.OpenAI) -> None:
    options: Any = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(
            model="wire-1", messages=said("Hello"), stream=True, stream_options=options
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "done with Hello"
    assert chunks[-1].usage is not None
    own = chunks[-1].model_extra or {}
    assert cost_nano(own["clutch"]["cost_usd"]) == rows.one(place.home, COST)


def test_the_helper_that_puts_streamed_tool_calls_together(client: openai.OpenAI) -> None:
    messages = said("Use get_weather for Ulm")
    with client.chat.completions.stream(
        model="demo-3",
        messages=messages,
        tools=[TOOL],  # type: ignore[list-item]
    ) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    call = final.choices[0].message.tool_calls[0]  # type: ignore[index]
    assert final.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "get_weather"
    assert "city" in json.loads(call.function.arguments)
    messages.append(final.choices[0].message.model_dump(exclude_none=True))
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "Rain"})
    answer = client.chat.completions.create(model="demo-3", messages=messages, tools=[TOOL])  # type: ignore[list-item]
    assert "answered: Rain" in (answer.choices[0].message.content or "")


def test_an_answer_as_an_object(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    form: Any = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    answer = client.chat.completions.create(
        model="demo-2", messages=said("A person"), response_format=form
    )
    assert set(json.loads(answer.choices[0].message.content or "")) == {"name"}


def test_a_message_and_its_stream(place: Place, claude: anthropic.Anthropic) -> None:
    whole = claude.messages.create(model="claude-auto", max_tokens=500, messages=said("Hello"))
    assert [block.type for block in whole.content] == ["text"]
    assert (whole.stop_reason, whole.usage.output_tokens) == ("end_turn", 10)
    with claude.messages.stream(
        model="demo-3", max_tokens=2_000, messages=said("Explain quantum computing")
    ) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.content[-1].text == text != ""  # type: ignore[union-attr]
    assert final.usage.output_tokens > 10


def test_a_tool_loop_with_thinking(claude: anthropic.Anthropic) -> None:
    tools: Any = [{"name": "get_weather", "input_schema": TOOL["function"]["parameters"]}]  # type: ignore[index]
    messages = said("Use get_weather for Ulm")
    with claude.beta.messages.stream(
        model="demo-3", max_tokens=2_000, messages=messages, tools=tools
    ) as stream:
        final = stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "tool_use"]
    assert final.stop_reason == "tool_use"
    call = final.content[-1]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Rain"}  # type: ignore[union-attr]
    messages += [
        {"role": "assistant", "content": [block.to_dict() for block in final.content]},
        {"role": "user", "content": [result]},
    ]
    answer = claude.messages.create(
        model="demo-3", max_tokens=2_000, messages=messages, tools=tools
    )
    assert "answered: Rain" in answer.content[-1].text  # type: ignore[union-attr]


def test_tokens_are_counted(claude: anthropic.Anthropic) -> None:
    counted = claude.messages.count_tokens(model="claude-auto", messages=said("Hello " * 400))
    assert 500 < counted.input_tokens < 700


@pytest.mark.parametrize(
    ("text", "model", "kind"),
    [
        ("Hello", "clutch-tame", openai.NotFoundError),
        ("", "wire-1", openai.BadRequestError),
        ("/demo rate-limit", "demo-1", openai.RateLimitError),
        ("/demo auth", "demo-2", openai.InternalServerError),
    ],
)
def test_openais_client_raises_its_own_errors(
    client: openai.OpenAI, text: str, model: str, kind: type[openai.APIStatusError]
) -> None:
    with pytest.raises(kind) as raised:
        client.chat.completions.create(model=model, messages=said(text))
    assert raised.value.code
    assert raised.value.request_id


@pytest.mark.parametrize(
    ("text", "model", "kind"),
    [
        ("Hello", "clutch-tame", anthropic.NotFoundError),
        ("", "wire-1", anthropic.BadRequestError),
        ("/demo overloaded", "demo-5", anthropic._exceptions.OverloadedError),
    ],
)
def test_anthropics_client_raises_its_own_errors(
    claude: anthropic.Anthropic, text: str, model: str, kind: type[anthropic.APIStatusError]
) -> None:
    with pytest.raises(kind) as raised:
        claude.messages.create(model=model, max_tokens=100, messages=said(text))
    assert raised.value.request_id


def test_an_error_in_the_middle_of_a_stream_is_raised(
    client: openai.OpenAI, claude: anthropic.Anthropic
) -> None:
    asked: Any = {"model": "demo-4", "messages": said("/demo cut")}
    with pytest.raises(openai.APIError, match="in the middle"):
        list(client.chat.completions.create(stream=True, **asked))
    with (
        pytest.raises(anthropic.APIStatusError, match="in the middle"),
        claude.messages.stream(max_tokens=500, **asked) as stream,
    ):
        stream.until_done()


def test_a_wrong_token_is_refused_by_both_names(place: Place) -> None:
    wrong = place.token[:-3] + "abc"
    with place.openai(wrong) as client, pytest.raises(openai.AuthenticationError):
        client.models.list()
    with place.anthropic(wrong) as claude, pytest.raises(anthropic.AuthenticationError):
        claude.messages.create(model="claude-auto", max_tokens=5, messages=said("Hello"))


def test_a_revoked_token_is_refused_at_once(place: Place) -> None:
    made = place.home.clutch_json("tokens", "create", "--name", "short")
    with place.openai(made["token"]) as client:
        client.models.list()
        place.home.clutch("tokens", "revoke", made["token"].split("_")[1], check=True)
        with pytest.raises(openai.AuthenticationError):
            client.models.list()


@pytest.mark.parametrize("item", ["hang", "flood"])
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_who_leaves_in_the_middle_closes_the_vendors_stream(
    place: Place, client: openai.OpenAI, claude: anthropic.Anthropic, dialect: str, item: str
) -> None:
    asked: Any = {"model": "wire-1", "messages": said(item), "stream": True}
    if dialect == "openai":
        stream: Any = client.chat.completions.create(**asked)
    else:
        stream = claude.messages.create(max_tokens=100, **asked)
    next(iter(stream))
    assert place.vendor.open_calls == 1
    stream.close()
    began = time.monotonic()
    place.vendor.wait(lambda: place.vendor.open_calls == 0, "the vendor was left")
    assert time.monotonic() - began < 1
    wait_until(lambda: rows.one(place.home, STATE) == "stopped")
    assert rows.one(place.home, COST) > 0
    assert rows.one(place.home, HELD) == 0


def test_who_gives_up_waiting_closes_the_vendors_stream(place: Place) -> None:
    place.vendor.forget()
    place.vendor.hold_back("Wait")
    headers = {"Authorization": f"Bearer {place.token}"}
    asked = {"model": "wire-1", "messages": said("Wait")}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{place.home.url}/v1/chat/completions",
            json=asked,
            headers=headers,
            timeout=1,
            trust_env=False,
        )
    place.vendor.wait(lambda: place.vendor.open_calls == 0, "the vendor was left", 2)
    wait_until(lambda: rows.one(place.home, STATE) == "stopped")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_has_a_name_and_is_paid_exactly(
    place: Place, client: openai.OpenAI, pattern: str
) -> None:
    chunks = list(
        client.chat.completions.create(
            model=f"clutch-{pattern}", messages=said("Translate\none\ntwo"), stream=True
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    own = (chunks[-1].model_extra or {})["clutch"]
    assert "done with" in text
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert rows.one(place.home, STATE) == "done"
    assert cost_nano(own["cost_usd"]) == rows.one(place.home, COST) > 0


def test_a_run_at_its_cap_goes_on_from_the_terminal(place: Place, client: openai.OpenAI) -> None:
    body = {"clutch": {"items": [f"item {n}" for n in range(60)], "cap_usd": "0.0035"}}
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(
            model="clutch-swarm", messages=said("Do it"), extra_body=body
        )
    trip = raised.value.response.headers["x-clutch-trip"]
    assert raised.value.response.headers["x-should-retry"] == "false"
    assert f"clutch runs resume {trip}" in raised.value.message
    assert place.home.clutch("runs", "resume", trip, "--cap", "1").returncode == 0
    assert place.vendor.asked.total() == 60


def test_a_run_whose_client_left_pauses(place: Place, client: openai.OpenAI) -> None:
    place.vendor.answer_only(2)
    lines = "\n".join(["Do it", *(f"thing {number}" for number in range(20))])
    stream = client.chat.completions.create(model="clutch-swarm", messages=said(lines), stream=True)
    next(iter(stream))
    place.vendor.wait_for_calls(3)
    stream.close()
    wait_until(lambda: rows.one(place.home, STATE) == "paused")
    place.vendor.wait(lambda: place.vendor.open_calls == 0, "the vendor was left", 2)
    assert rows.one(place.home, HELD) == 0


def test_nobody_elses_pages_are_opened_by_a_token(place: Place) -> None:
    headers = {"Authorization": f"Bearer {place.token}"}
    for path in ("/chat/", "/trips/", "/runs/", "/settings/"):
        answer = httpx.get(f"{place.home.url}{path}", headers=headers, trust_env=False)
        assert answer.status_code == 302, path


def test_the_books_are_right_after_all_of_it(place: Place) -> None:
    assert swarms.breaches(place.home) == []
