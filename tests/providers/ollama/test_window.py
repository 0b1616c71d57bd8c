"""The window a host is told to use: enough for what is sent and for the answer, never too much."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.ollama.adapter import OllamaProvider
from orchestrator.providers.ollama.chat import body
from orchestrator.providers.ollama.window import SMALLEST
from orchestrator.providers.vocabulary import (
    ImagePart,
    Message,
    ModelRequest,
    TextPart,
    ToolResultPart,
    ToolSpec,
)
from tests.providers.conftest import StartWire
from tests.providers.recorded import recorded

LOOK = ToolSpec("look", "Looks. " * 5_000, {"type": "object"})


def asked(text: str, answer_tokens: int = 100, window: int | None = None) -> ModelRequest:
    messages = (Message("user", (TextPart(text),)),)
    return ModelRequest("qwen3:4b", messages, answer_tokens, context_window=window)


def told(request: ModelRequest, num_ctx: str = "") -> Any:
    spec = ProviderSpec("ollama", "ollama", options={"num_ctx": num_ctx})
    return body(request, spec)["options"]["num_ctx"]


@pytest.mark.parametrize(
    ("chars", "answer_tokens", "window", "expected"),
    [
        (5, 100, None, 4_096),
        (5, 4_050, None, 4_096),
        (5, 4_096, None, 8_192),
        (5, 8_192, 32_000, 16_384),
        (60_000, 8_192, None, 32_768),
        (60_000, 8_192, 32_000, 32_000),
        (600_000, 8_192, 32_000, 32_000),
        (5, 100, 2_048, 2_048),
        (5, 100, 131_072, 4_096),
    ],
)
def test_there_is_room_for_the_prompt_and_the_answer(
    chars: int, answer_tokens: int, window: int | None, expected: int
) -> None:
    assert told(asked("x" * chars, answer_tokens, window)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"system": "Be short. " * 3_000},
        {"tools": (LOOK,)},
        {"json_schema": {"description": "long " * 6_000}},
        {"messages": (Message("user", (TextPart("字" * 9_000),)),)},
        {"messages": (Message("user", (ToolResultPart("c", "look", "tulip " * 4_000),)),)},
        {"messages": (Message("user", (ImagePart("image/png", b"png"),) * 3),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_everything_that_is_sent_counts(changes: dict[str, Any]) -> None:
    assert told(replace(asked("Hello"), **changes)) > SMALLEST


def test_the_bytes_of_an_image_do_not_count() -> None:
    message = Message("user", (ImagePart("image/png", b"png" * 1_000_000),))
    assert told(replace(asked("Hello"), messages=(message,))) == SMALLEST


def test_what_a_person_set_counts_above_all() -> None:
    assert told(asked("x" * 60_000, 8_192, 32_000), num_ctx="12000") == 12_000


@pytest.mark.parametrize("value", ["", "much", "-1", "²", "0"])
def test_a_setting_that_is_no_number_counts_for_nothing(value: str) -> None:
    assert told(asked("Hello"), num_ctx=value) == SMALLEST


@given(st.text(max_size=20_000), st.integers(1, 100_000), st.integers(1, 300_000))
def test_a_window_fits_or_is_the_models_own(text: str, answer_tokens: int, window: int) -> None:
    chosen = told(asked(text, answer_tokens, window))
    assert chosen <= window
    assert chosen == window or chosen >= len(text.encode(errors="replace")) / 3 + answer_tokens


async def test_the_window_goes_over_the_wire(start_wire: StartWire) -> None:
    wire = await start_wire(recorded("ollama/text.ndjson"))
    provider = OllamaProvider(ProviderSpec("ollama", "ollama", wire.url))
    async for _ in provider.stream(asked("Hello", 8_192, 32_000)):
        pass
    await provider.aclose()
    assert wire.requests[0].json["options"] == {"num_predict": 8_192, "num_ctx": 16_384}
