"""Hostile and broken text: no exception, no lost text, and no work that grows with its square."""

import sys
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.markdown.blocks import OpenText
from orchestrator.markdown.grammar import MAX_NESTING
from orchestrator.markdown.rendering import MAX_CHARS, render
from tests.markdown.pages import Page

UNITS = {
    "quotes": ">",
    "brackets": "[",
    "image brackets": "![",
    "footnote brackets": "[^",
    "half links": "[a](b ",
    "half titles": '[a](b "',
    "nested links": "[[a](http://b)",
    "nested images": "![![a](http://b)](http://b)",
    "combining marks": "\u0301",
    "long host": "http://" + "\u0301" * 300 + " ",
    "emphasis": "*a_ **b ",
    "backticks": "`a``b```c````d`",
    "dollars": "$a ",
    "formula blocks": "$$ a\n",
    "lone formula openers": "\\[\n",
    "round formulas": "\\(",
    "less thans": "<a",
    "ampersands": "&a",
    "colons": "http:",
    "list in list": "- ",
    "lists": "- a\n",
    "numbers": "1. a\n",
    "lazy lines": ">>>>>>>>>>a\n" + "b\n" * 50,
    "references": "[a]: b\n'c\n",
    "open references": "[a\\\n",
    "notes": "[^1]: [^1]\n\n",
    "headings": "a\n=\n",
    "fences": "~~~\n```\n",
    "fences in lists": "  - ```\n",
    "coloured fences": "```js\n/*\n```\n",
    "tables": "a|b\n-|-\n1\n",
    "pipes": "|",
    "tabs": "-\ta\n\t",
    "blank lines": " \n\t\n",
    "returns": "\r",
    "NUL": "\0",
    "surrogates": "\ud800",
    "backslashes": "\\",
    "joiners": "\u200d",
    "brackets in addresses": "http://a/))))",
    "short paragraphs": "*a* `b` [c](http://d)\n\n",
}


def count_steps(action: Callable[[], object]) -> int:
    """Python calls made: like time, but the same on every machine."""
    calls = 0

    def note(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_four_times_the_text_costs_about_four_times_the_work(unit: str) -> None:
    # as one paragraph and as many, since short paragraphs are read more closely
    for text in (unit * (1_600 // len(unit)), (unit * (400 // len(unit)) + "\n\n") * 4):
        small = count_steps(lambda text=text: render(text))
        large = count_steps(lambda text=text: render(text * 4))
        assert large <= 6 * small + 2_000


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_no_hostile_text_raises_or_runs_anything(unit: str) -> None:
    assert not Page(render(unit * (20_000 // len(unit)))).dangers


@pytest.mark.parametrize("char", [">", "[", "- ", "> - ", "*", "![", "("])
def test_ten_thousand_levels_keep_their_text(char: str) -> None:
    page = Page(render(char * 10_000 + "end"))
    assert page.text.strip().endswith("end")
    assert not page.dangers


def test_what_is_nested_too_deeply_is_shown_as_text_and_what_follows_is_kept() -> None:
    html = render("> " * (MAX_NESTING + 3) + "deep\n\n# After\n")
    assert html.count("<blockquote>") == MAX_NESTING
    assert "&gt; &gt; &gt; deep" in html
    assert html.endswith("<h3>After</h3>\n")


def test_deep_lists_keep_every_line_and_what_follows() -> None:
    lines = [f"{'  ' * level}- line {level}" for level in range(MAX_NESTING)]
    page = Page(render("\n".join(lines) + "\n\nAfter\n"))
    assert all(f"line {level}" in page.text for level in range(MAX_NESTING))
    assert page.text.strip().endswith("After")


def test_a_deep_caller_leaves_enough_room() -> None:
    """Web frameworks call from deep within; reading must not need the rest of the stack."""
    failures: list[RecursionError] = []
    text = "![" * 20 + "[" * 180 + "]" * 200 + "\n\n" + "> - " * 100 + "a"

    def call_from(depth: int) -> None:
        if depth:
            call_from(depth - 1)
            return
        try:
            render(text)
        except RecursionError as error:
            failures.append(error)

    thread = threading.Thread(target=call_from, args=(500,))
    thread.start()
    thread.join()
    assert failures == []


@pytest.mark.parametrize("text", ["<b>" * 2_000_000, "a\n\n" * 2_000_000, "\u0301" * 5_000_000])
def test_a_huge_answer_is_shown_as_it_was_written(text: str) -> None:
    html = render(text)
    assert html.startswith('<pre tabindex="0">')
    assert "<b>" not in html
    assert len(html) >= len(text)


def test_the_limit_is_exact() -> None:
    assert render("a" * MAX_CHARS).startswith("<p>")
    assert render("a" * (MAX_CHARS + 1)).startswith("<pre")


def test_a_huge_paragraph_is_plain_but_complete() -> None:
    text = "word *a* [b](http://c) " * 2_000
    assert Page(render(text)).text.strip() == text.strip()


def test_few_characters_cannot_ask_for_many_cells() -> None:
    wide = "|" * 99 + "\n" + "|-" * 98 + "|\n" + "a\n" * 300 + "\n"
    html = render(wide * 100)
    assert html.count("<td") < 150_000
    assert Page(html).text.count("a") == 30_000


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_what_no_page_can_hold_is_replaced(text: str) -> None:
    assert render(text) == "<p>a\ufffdb</p>\n"


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    page = Page(render(text).encode().decode())
    assert not page.dangers


def test_five_megabytes_can_be_streamed() -> None:
    text = OpenText()
    for _ in range(5):
        text.feed("x" * 1_000_000)
    assert len(text.feed("\n\n").closed) == 1
    assert text.tail == ""
