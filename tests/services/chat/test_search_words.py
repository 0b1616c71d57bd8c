"""What somebody typed becomes words in one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.services.chat import search_words
from orchestrator.services.chat.search_words import MOST_CHARS, Words, fold


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", Words((), "", ())),
        ("Hello wor", Words(("hello",), "wor", ())),
        ("one one One two", Words(("one",), "two", ())),
        ("写代码 写代码", Words((), "", ("写代码",))),
        ("Python写代码 now", Words(("python",), "now", ("写代码",))),
        ("now写代码", Words(("now",), "", ("写代码",))),
        ('"a" NEAR(b) c:d*', Words(("a", "near", "b", "c"), "d", ())),
        ("snake_case", Words(("snake",), "case", ())),
        ("x" * 500, Words((), "x" * MOST_CHARS, ())),
    ],
)
def test_words_and_runs_are_told_apart(typed: str, words: Words) -> None:
    assert search_words.read(typed) == words


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("ÜBER", "uber"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("Ёлка", "елка"),
        ("ΌΣΟΣ", "οσοσ"),
        ("İstanbul", "istanbul"),
        ("Việt", "viet"),
        ("한국어", "한국어"),
        ("が", "が"),
    ],
)
def test_case_and_accents_are_folded(word: str, folded: str) -> None:
    assert fold(word) == folded == fold(folded)


@given(st.text())
def test_only_letters_and_digits_are_left(typed: str) -> None:
    words = search_words.read(typed)
    for word in (*words.whole, words.begun, *words.runs):
        assert not set(word) & set("\"'*:()\\&|!<>-^{}+;% \x00")
