"""Snippets show why a text was found, and nothing of it is lost or invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.services.chat import search_words, snippets
from orchestrator.services.chat.snippets import LEAD_CHARS, MOST_CHARS, Piece

FILLER = "other words without meaning stand here "


def cut(text: str, words: str) -> str:
    pieces = snippets.cut(text, search_words.read(words))
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Explain recursion", "recursion", "Explain [recursion]"),
        ("Über die Brücke", "brucke uber", "[Über] die [Brücke]"),
        ("Die Straßenbahn fährt", "strass", "Die [Straßenbahn] fährt"),
        ("cafe\u0301 noir", "café", "[cafe\u0301] noir"),
        ("我用Python写代码", "写代 python", "我用[Python][写代]码"),
        ("pear  and\n\n\tpears", "pear", "[pear] and [pears]"),
        ("pears and pear", "pear and", "pears [and] [pear]"),
        ("<b>pear</b> & more", "pear", "<b>[pear]</b> & more"),
        ("nothing here", "pear", "nothing here"),
        ("", "pear", ""),
    ],
)
def test_words_are_marked_as_they_are_written(text: str, words: str, shown: str) -> None:
    assert cut(text, words) == shown


def test_markup_in_a_text_stays_plain_text() -> None:
    assert snippets.cut("<i>pear", search_words.read("pear")) == (
        Piece("<i>"),
        Piece("pear", is_hit=True),
    )


def test_a_long_text_is_cut_at_spaces_around_the_hit() -> None:
    shown = cut(FILLER * 50 + "a pear " + FILLER * 50, "pear")
    assert shown.startswith("…here other words without meaning stand here a [pear] other ")
    assert shown.endswith("…")
    assert set(shown.strip("…").replace("[pear]", "a").split()) == {"a", *FILLER.split()}


def test_the_place_with_most_of_the_words_is_shown() -> None:
    text = "one pear " + FILLER * 20 + "pear pear pear " + FILLER * 20 + "a plum and a pear"
    assert cut(text, "pear plum").endswith("a [plum] and a [pear]")


def test_a_text_without_spaces_is_cut_anyway() -> None:
    shown = cut("天" * 1_000 + "写代码" + "天" * 1_000, "写代码")
    assert shown == f"…{'天' * LEAD_CHARS}[写代码]{'天' * (MOST_CHARS - LEAD_CHARS - 3)}…"


@given(text=st.text(max_size=400), words=st.text(max_size=40))
def test_a_snippet_is_a_part_of_the_text(text: str, words: str) -> None:
    sought = search_words.read(words)
    pieces = snippets.cut(text, sought)
    joined = "".join(piece.text for piece in pieces).strip("…")
    assert "".join(joined.split()) in "".join(text.split())
    whole = snippets.mark(text, sought)
    assert "".join("".join(piece.text for piece in whole).split()) == "".join(text.split())
