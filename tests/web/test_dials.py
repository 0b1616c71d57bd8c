"""Dials: the needle points where the number is, and the pieces meet with gaps."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.web import dials


@pytest.mark.parametrize(
    ("share", "x", "y"), [(0, 42, 100), (0.5, 100, 42), (1, 158, 100), (-3, 42, 100), (7, 158, 100)]
)
def test_the_needle_stays_on_the_dial(share: float, x: float, y: float) -> None:
    needle = dials.needle(share)
    assert (needle.x, needle.y) == (x, y)


@given(st.floats(0, 0.99), st.floats(0.01, 0.3))
def test_a_segment_lies_within_its_shares(start: float, width: float) -> None:
    end = min(1.0, start + width)
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", dials.segment("x", start, end).path)]
    first_x, last_x = numbers[0], numbers[-2]
    outer = [float(n) for n in re.findall(r"-?[\d.]+", dials.arc(start, end))]
    assert outer[0] <= first_x + 0.01
    assert last_x <= outer[-2] + 0.01
    assert numbers[1] <= dials.CENTRE_Y


def test_neighbours_leave_a_gap_of_two() -> None:
    left, right = dials.segment("a", 0, 0.5), dials.segment("b", 0.5, 1)
    end_of_left = float(re.findall(r"-?[\d.]+", left.path)[-2])
    start_of_right = float(re.findall(r"-?[\d.]+", right.path)[0])
    assert start_of_right - end_of_left == pytest.approx(2, abs=0.1)
