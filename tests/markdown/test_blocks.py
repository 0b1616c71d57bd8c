"""Streaming: blocks close once, late rather than wrong, and pieces make no difference."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.markdown.blocks import OpenText
from orchestrator.markdown.rendering import render

FENCE = "```python\nx = 1\n\ny = 2\n```\n"
BLOCKS = [
    "One line.\n",
    "Two\nlines with $x$ and `code`.\n",
    "# Heading\n",
    "Heading\n=======\n",
    FENCE,
    "~~~~\n~~~\n\n```\n~~~~\n",
    "- a\n- b\n",
    "- a\n\n- b\n\n  more of b\n\n      code in b\n",
    "1. a\n   ```sh\n   ls\n\n   pwd\n   ```\n\n2. b\n",
    "- a\n  - b\n\n    c\n  - d\n",
    "- [ ] a\n- [x] b\n",
    "> quoted\n> - list\n",
    "> ```\n> code\n>\n> more\n> ```\n",
    "| a | b |\n|---|--:|\n| 1 | 2 |\n",
    "    indented\n\n    code\n",
    "$$\na\n\n- b\n$$\n",
    "$$ a + b\n= c $$\n",
    "\\[\na\n\\]\n",
    "***\n",
    "Text\n```js\nlet a;\n```\n",
    "Text\n- a\n- b\n",
    "Text\n$$\na\n$$\ntext\n",
    "<b>html</b>\n",
    "- a\n\n  $$\n  b\n\n  c\n  $$\n",
]
PIECES = st.sampled_from(
    [
        *(
            "a",
            "b",
            " ",
            "-",
            "*",
            ">",
            "#",
            "|",
            "$",
            "`",
            "~",
            "\\[",
            "\n",
            "\r",
            "\t",
            "1.",
            "  ",
        ),
        *("\n\n", "```", "```\n", "- ", "1. ", "    ", "$$\n", "$$ a\n", "\\[\n", "\\]\n", "> "),
        *("[^1]: ", "\r\n", "\u2028", "\ud800", "\x00"),
    ]
)


def plain(text: str) -> str:
    """Tells what was handed over; for properties that do not depend on how it is rendered."""
    return f"<{text}>"


def stream(pieces: list[str]) -> OpenText:
    text = OpenText(plain)
    for piece in pieces:
        text.feed(piece)
    return text


@given(st.lists(PIECES, max_size=60).map("".join), st.data())
def test_how_the_text_is_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    cuts = [0, *places, len(text)]
    whole, single = stream([text]), stream(list(text))
    parts = stream([text[start:end] for start, end in pairwise(cuts)])
    assert (whole.html, whole.tail) == (single.html, single.tail) == (parts.html, parts.tail)


@given(st.lists(PIECES, max_size=60))
def test_steps_tell_exactly_what_changed_and_no_text_is_lost(pieces: list[str]) -> None:
    text = OpenText(lambda block: block)
    closed = ""
    for piece in pieces:
        step = text.feed(piece)
        closed += "".join(step.closed)
        assert (closed, step.tail) == (text.html, text.tail)
    held = "\r" if "".join(pieces).endswith("\r") else ""
    written = (text.html + text.tail + held).split()
    assert written == "".join(pieces).split()


@given(st.lists(st.sampled_from(BLOCKS), max_size=8), st.integers(1, 9))
def test_closed_blocks_and_the_tail_make_up_the_whole_answer(blocks: list[str], size: int) -> None:
    answer = "\n".join(blocks)
    text = OpenText()
    for start in range(0, len(answer), size):
        text.feed(answer[start : start + size])
    tail = render(text.tail) if text.tail.strip() else ""
    assert text.html + tail == render(answer)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_closed_when_the_next_one_has_begun(block: str) -> None:
    text = OpenText()
    text.feed(block + "\nNext\n")
    assert text.html == render(block)
    assert text.tail == "Next\n"


@pytest.mark.parametrize(
    "block", ["One line.\n", "# Heading\n", "> quote\n", "| a |\n|---|\n| 1 |\n", "$$ a\nb $$\n"]
)
def test_most_blocks_are_closed_by_a_blank_line(block: str) -> None:
    text = OpenText()
    assert text.feed(block.removesuffix("\n")).closed == ()
    assert text.feed("\n\n").closed == (render(block),)
    assert text.tail == ""


@pytest.mark.parametrize(
    "open_text",
    [
        "```python\nx\n\n\ny\n",
        "```python\nx\n\n``\n",
        "````\nx\n```\n\n",
        "~~~\nx\n```\n\n",
        "- a\n\n",
        "- a\n\n  b\n\n",
        "- a\n\n- b\n\n",
        "1. a\n\n2) b\n\n",
        "- ```\n  x\n\n  y\n",
        "    code\n\n",
        "    code\n\n    more\n\n",
        "$$\nx\n\ny\n",
        "\\[\nx\n\ny\n",
        "$$ x\n+ y\n",
        "> a\n> b\n",
        "| a |\n|---|\n",
        "a\nb\n",
        "[^1]: note\n\n",
        "[^1]: note\n\n    more\n\n",
        "$$ x\n$$ y\n",
        "a",
    ],
)
def test_what_may_go_on_is_not_split(open_text: str) -> None:
    text = OpenText()
    assert text.feed(open_text).closed == ()
    assert text.tail == open_text


def test_a_fence_stays_open_until_its_last_line_is_whole() -> None:
    text = OpenText()
    for part in ("``", "`py", "thon\nx = 1\n", "\n", "``", "`", "`"):
        assert text.feed(part).closed == ()
    assert text.tail == "```python\nx = 1\n\n````"
    assert text.feed("\n").closed == (render("```python\nx = 1\n\n````\n"),)
    assert (text.tail, text.html.count("<figure")) == ("", 1)


def test_the_words_before_a_fence_are_closed_when_it_begins() -> None:
    text = OpenText()
    text.feed("Look:\n```py")
    assert text.html == ""
    assert text.feed("\n").closed == (render("Look:"),)
    assert text.tail == "```py\n"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_close_the_same_blocks(end: str) -> None:
    answer = "".join(f"{block}\n" for block in BLOCKS)
    other = OpenText()
    for char in answer.replace("\n", end) + "x":
        other.feed(char)
    usual = OpenText()
    usual.feed(answer + "x")
    assert (other.html, other.tail) == (usual.html, usual.tail)


@pytest.mark.parametrize("block", ["word " * 20 + "\n\n", FENCE, "- item\n\n  more\n\nText\n\n"])
def test_the_work_grows_with_the_text_and_not_with_its_square(block: str) -> None:
    """100 kB in pieces of three: each character is rendered at most once, each block once."""
    answer = block * (100_000 // len(block))
    rendered: list[str] = []

    def count(text: str) -> str:
        rendered.append(text)
        return "x"

    text = OpenText(count)
    for start in range(0, len(answer), 3):
        text.feed(answer[start : start + 3])
    assert sum(map(len, rendered)) + len(text.tail) == len(answer)
    assert len(rendered) <= 2 * answer.count(block)
    assert len(text.html) == len(rendered)


@pytest.mark.parametrize("line", ["x\n", "- x\n\n", "    x\n", "$$ x\n", "\n", "x"])
def test_an_open_end_is_never_rendered(line: str) -> None:
    def refuse(text: str) -> str:
        raise AssertionError(f"rendered {text[:20]!r}")

    text = OpenText(refuse)
    start = "```\n" if line in ("x\n", "\n") else ""
    answer = start + line * (100_000 // len(line))
    for begin in range(0, len(answer), 3):
        text.feed(answer[begin : begin + 3])
    assert text.tail == answer
