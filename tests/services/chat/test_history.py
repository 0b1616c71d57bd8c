"""What is sent of a chat: question and answer in turn, whatever was stopped or failed between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.providers.vocabulary import Message, TextPart
from orchestrator.services.chat.history import alternating


def turn(word: str) -> Message:
    """`u1` is a person's first question, `a1` its answer."""
    return Message("user" if word.startswith("u") else "assistant", (TextPart(word),))


@pytest.mark.parametrize(
    ("turns", "sent"),
    [
        ("", ""),
        ("u1", "u1"),
        ("u1 a1 u2", "u1 a1 u2"),
        ("u1 u2", "u2"),
        ("u1 a1 u2 u3 u4", "u1 a1 u4"),
        ("u1 u2 a2 u3", "u2 a2 u3"),
        ("a1 u2", "u2"),
        ("a0 a1 u2", "u2"),
        ("u1 a1 a2 u2", "u1 a2 u2"),
        ("u1 a1", "u1 a1"),
        ("a1", ""),
    ],
)
def test_questions_that_nobody_answered_are_not_sent(turns: str, sent: str) -> None:
    assert [m.text for m in alternating([turn(word) for word in turns.split()])] == sent.split()


@given(st.lists(st.sampled_from(["u", "a"]).map(turn)))
def test_what_is_sent_alternates_and_begins_with_a_question(turns: list[Message]) -> None:
    sent = alternating(turns)
    assert [m.role for m in sent] == [("user", "assistant")[n % 2] for n in range(len(sent))]
    assert alternating(sent) == sent


@given(st.lists(st.sampled_from(["u", "a"]).map(turn)), st.integers(0, 9))
def test_the_newest_question_is_always_sent(turns: list[Message], number: int) -> None:
    question = turn(f"u{number}")
    assert alternating([*turns, question])[-1] is question
