"""A request as one plain text."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.providers.cli.transcripts import render
from orchestrator.providers.vocabulary import (
    Message,
    ModelRequest,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)


def request(*messages: Message, system: str = "") -> ModelRequest:
    return ModelRequest("session", messages, 100, system)


def turn_lines(prompt: str) -> list[str]:
    mark = re.search(r"\[user ([0-9a-f]{12})\]", prompt)
    assert mark
    return re.findall(rf"^\[(\w+) {mark[1]}\]$", prompt, re.MULTILINE)


def test_every_turn_is_marked_and_in_order() -> None:
    prompt = render(
        request(
            Message("user", (TextPart("What is the weather?"),)),
            Message(
                "assistant",
                (ThinkingPart("Hm.", "s"), ToolCallPart("1", "weather", {"city": "Bonn"})),
            ),
            Message("user", (ToolResultPart("1", "weather", "Rain."), TextPart("And now?"))),
            system="Be short.",
        )
    )

    assert turn_lines(prompt) == ["system", "user", "assistant", "user"]
    assert '(called weather with {"city": "Bonn"})' in prompt
    assert "(weather answered: Rain.)\nAnd now?" in prompt
    assert "Hm." not in prompt


def test_the_same_request_gives_the_same_prompt() -> None:
    asked = request(Message("user", (TextPart("Hello"),)))

    assert render(asked) == render(asked)


@settings(deadline=None)
@given(st.text(), st.text())
def test_no_text_can_start_a_turn_of_its_own(system: str, text: str) -> None:
    asked = request(Message("user", (TextPart(text),)), system=system)
    copied = request(Message("user", (TextPart(render(asked)),)), system=system)

    expected = ["system", "user"] if system else ["user"]
    mark = re.findall(r"\[user ([0-9a-f]{12})\]", render(copied))[0]
    assert re.findall(rf"^\[(\w+) {mark}\]$", render(copied), re.MULTILINE) == expected
