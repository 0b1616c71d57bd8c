"""Sharing out a provider's places, and spreading calls over its minutes."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing import pacing, sharing
from orchestrator.routing.pacing import Limits, Pace

WISHES = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 50), max_size=8)


@given(st.integers(0, 100), WISHES)
def test_nobody_gets_more_than_they_want_and_no_place_is_given_twice(
    places: int, wishes: dict[str, int]
) -> None:
    shares = sharing.share(places, wishes)
    assert shares.keys() == wishes.keys()
    assert all(0 <= shares[name] <= wanted for name, wanted in wishes.items())
    assert sum(shares.values()) == min(places, sum(wishes.values()))


@given(st.integers(0, 100), WISHES)
def test_whoever_goes_short_has_no_less_than_any_other_but_for_one(
    places: int, wishes: dict[str, int]
) -> None:
    shares = sharing.share(places, wishes)
    short = [shares[name] for name, wanted in wishes.items() if shares[name] < wanted]
    assert all(most <= least + 1 for least in short for most in shares.values())


@given(
    st.integers(1, 600),
    st.lists(st.floats(0, 5), min_size=1, max_size=80),
)
def test_in_no_minute_more_calls_leave_than_the_provider_takes(
    per_minute: int, waits: list[float]
) -> None:
    limits, pace, now_s, left = Limits(requests_per_minute=per_minute), Pace(), 1_000.0, []
    for wait in waits:
        now_s += wait
        passage = pacing.admit(pace, limits, tokens=1, now_s=now_s)
        pace = passage.pace
        if passage.wait_s == 0:
            left.append(now_s)
    for moment in left:
        inside = [each for each in left if moment <= each < moment + 60]
        # a burst that was saved up comes on top of what flows in during the minute
        assert len(inside) <= 2 * per_minute + 1


@given(st.integers(1, 10_000), st.integers(0, 50_000), st.floats(0, 1e6))
def test_who_waits_as_long_as_was_said_may_leave(per_minute: int, tokens: int, at_s: float) -> None:
    limits, pace, now_s = Limits(tokens_per_minute=per_minute), Pace(), at_s
    for _ in range(5):
        passage = pacing.admit(pace, limits, tokens, now_s)
        if passage.wait_s:
            assert passage.pace == pace
            now_s += passage.wait_s + 1e-6
            passage = pacing.admit(pace, limits, tokens, now_s)
        assert passage.wait_s == 0
        pace = passage.pace


def test_nobody_leaves_while_the_provider_wants_to_rest() -> None:
    pace = pacing.closed(Pace(), retry_after_s=30, now_s=100.0)
    assert pacing.admit(pace, Limits(), 1, now_s=110.0).wait_s == 20
    assert pacing.admit(pace, Limits(), 1, now_s=130.0).wait_s == 0
    assert pacing.closed(pace, retry_after_s=1, now_s=100.0) == pace  # a shorter rest ends none
