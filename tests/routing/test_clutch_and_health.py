"""Retries, shifts, and circuit breakers as pure transitions."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.routing import clutch, health
from orchestrator.routing.clutch import Failure, GiveUp, Retry, RetryBudget, Shift
from orchestrator.routing.health import Breaker
from orchestrator.routing.learning import Record, fitness
from orchestrator.routing.types import BreakerState

BUSY = Failure(
    is_retryable=True,
    can_shift=True,
    retry_after_s=None,
    has_shown_text=False,
    attempts=1,
    attempts_on_gear=1,
    seconds_left=600,
)


def decide(failure: Failure, *, may_retry: bool = True) -> clutch.Verdict:
    return clutch.decide(failure, may_retry=lambda: may_retry, rng=lambda: 0.5)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Retry),
        ({"attempts_on_gear": 3}, Shift),
        ({"is_retryable": False}, Shift),
        ({"is_retryable": False, "can_shift": False}, GiveUp),
        ({"has_shown_text": True}, GiveUp),
        ({"attempts": 4}, GiveUp),
        ({"retry_after_s": 20}, Retry),
        ({"retry_after_s": 61}, Shift),
        ({"retry_after_s": 30, "seconds_left": 10}, Shift),
        ({"seconds_left": 0}, GiveUp),
    ],
)
def test_verdicts(changes: dict[str, object], verdict: type[clutch.Verdict]) -> None:
    assert isinstance(decide(replace(BUSY, **changes)), verdict)  # type: ignore[arg-type]


def test_retry_after_is_honoured() -> None:
    asked = decide(replace(BUSY, retry_after_s=20))
    assert isinstance(asked, Retry)
    assert 20 <= asked.after_s < 21


def test_without_a_retry_budget_the_gear_is_shifted() -> None:
    assert isinstance(decide(BUSY, may_retry=False), Shift)


@given(st.integers(0, 400))
def test_retries_stay_a_tenth_of_the_traffic(calls: int) -> None:
    budget, retries = RetryBudget(tokens=0), 0
    for _ in range(calls):
        budget, is_allowed = budget.earned().taken()
        retries += is_allowed
    assert retries <= calls / 10 + 1


def failed(breaker: Breaker, now_s: float = 1000, *, is_fatal: bool = False) -> Breaker:
    return health.failed(breaker, now_s, health.Failure(is_fatal=is_fatal))


def test_three_failures_in_a_row_open_it() -> None:
    breaker = Breaker()
    for state in (BreakerState.CLOSED, BreakerState.CLOSED, BreakerState.OPEN):
        breaker = failed(breaker)
        assert breaker.state is state
    assert not health.admit(breaker, 1001).is_admitted
    assert health.admit(breaker, 1001).retry_in_s == 299


def test_five_failures_in_an_hour_open_it_though_calls_succeeded_between() -> None:
    breaker = Breaker()
    for n in range(5):
        breaker = health.succeeded(failed(breaker, 1000 + n)) if n < 4 else failed(breaker, 1004)
    assert breaker.state is BreakerState.OPEN


def test_a_wrong_key_opens_it_at_once() -> None:
    assert failed(Breaker(), is_fatal=True).state is BreakerState.OPEN


def test_half_open_lets_one_probe_through() -> None:
    breaker = failed(Breaker(), is_fatal=True)
    probe = health.admit(breaker, 1301)
    assert probe.is_admitted
    assert probe.breaker.state is BreakerState.HALF_OPEN
    assert not health.admit(probe.breaker, 1302).is_admitted
    assert health.succeeded(probe.breaker) == Breaker()


def test_the_cool_down_doubles_to_its_cap() -> None:
    breaker, now_s, waits = failed(Breaker(), is_fatal=True), 1000.0, []
    for _ in range(6):
        waits.append(breaker.open_until_s - now_s)
        now_s = breaker.open_until_s + 1
        breaker = failed(health.admit(breaker, now_s).breaker, now_s)
    assert waits == [300, 600, 1200, 2400, 3600, 3600]


def test_retry_after_lengthens_the_cool_down() -> None:
    opened = health.failed(Breaker(), 1000, health.Failure(is_fatal=True, retry_after_s=900))
    assert opened.open_until_s == 1900


@pytest.mark.parametrize(
    ("tokens", "seconds", "score"), [(5_000, 30, 0.75), (2_500, 15, 0.962), (50_000, 300, 0.547)]
)
def test_fitness_keeps_its_known_figures(tokens: float, seconds: float, score: float) -> None:
    record = Record(tokens, 1.0, 0, seconds, 0, 0)
    assert fitness(record) == pytest.approx(score, abs=0.005)
