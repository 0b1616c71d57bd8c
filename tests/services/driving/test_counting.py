"""Tokens are counted in everything that is sent, without asking anybody."""

import pytest

from orchestrator.providers.vocabulary import (
    ImagePart,
    Message,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
)
from orchestrator.services.driving import counting, planning, requests
from orchestrator.services.driving.requests import TOKENS_PER_IMAGE, TripRequest

HELLO = Message("user", (TextPart("Hello"),))
LONG = "word " * 400


@pytest.mark.parametrize(
    "more",
    [
        {"system": LONG},
        {"tools": (ToolSpec("tool", "", {"description": LONG}),)},
        {"messages": (Message("user", (TextPart(LONG),)), HELLO)},
        {"messages": (Message("assistant", (ToolCallPart("1", "f", {"text": LONG}),)), HELLO)},
        {"messages": (HELLO, Message("user", (ToolResultPart("1", "f", LONG),)))},
    ],
    ids=["system", "tools", "history", "calls", "results"],
)
def test_every_part_counts(more: dict[str, object]) -> None:
    whole = TripRequest(**{"messages": (HELLO,), **more})  # type: ignore[arg-type]
    assert 490 < counting.tokens(whole) < 540


def test_a_picture_counts_as_much_as_vendors_count_it() -> None:
    pictured = TripRequest((Message("user", (TextPart("Hello"), ImagePart("image/png", b"x"))),))
    assert counting.tokens(pictured) - counting.tokens(TripRequest((HELLO,))) == TOKENS_PER_IMAGE


def test_the_gear_of_a_tool_loop_is_kept_with_a_request_and_binds_only_within_the_loop() -> None:
    answered = (HELLO, Message("user", (ToolResultPart("1", "f", "Rain"),)))
    looping = TripRequest(answered, tool_gear="demo-4")
    assert requests.from_document(requests.to_document(looping)) == looping
    previous = planning._tool_loop(looping)
    bound = planning.task_of(looping, previous).previous
    assert bound is not None
    assert (bound.gear, bound.in_tool_loop) == ("demo-4", True)
    loose = planning.task_of(TripRequest((HELLO,), tool_gear="demo-4"), previous).previous
    assert loose is not None
    assert not loose.in_tool_loop
