"""What stayed, went and came between two texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.services.prompts.differences import Line, between

SIGNS = {"same": " ", "removed": "-", "added": "+"}
TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


def drawn(lines: list[Line]) -> str:
    return " ".join(SIGNS[line.kind].strip() + line.text for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb\nc", "a\nb\nc", "a b c"),
        ("a\nb\nc", "a\nx\nc", "a -b +x c"),
        ("a\nb", "b", "-a b"),
        ("b", "a\nb", "+a b"),
        ("a\na", "a", "a -a"),
    ],
)
def test_lines_are_told_apart(old: str, new: str, expected: str) -> None:
    assert drawn(between(old, new)) == expected


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_it(old: str, new: str) -> None:
    lines = between(old, new)
    assert "\n".join(line.text for line in lines if line.kind != "added") == old
    assert "\n".join(line.text for line in lines if line.kind != "removed") == new


def test_long_texts_that_share_nothing_are_no_work() -> None:
    old = "\n".join(str(number % 150) for number in range(40_000))
    new = "\n".join(str(number % 151) for number in range(40_000, 0, -1))
    begin = time.process_time()
    lines = between(old, new)
    assert time.process_time() - begin < 1
    assert len(lines) >= 40_000
