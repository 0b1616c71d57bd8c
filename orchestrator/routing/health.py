"""Circuit breakers as values: what a success, a failure or the wish to probe makes of one."""

from dataclasses import dataclass, replace

from orchestrator.routing.types import BreakerState

FAILURES_IN_A_ROW = 3
FAILURES_PER_WINDOW = 5
WINDOW_S = 3_600.0
COOL_DOWN_S = 300.0
COOL_DOWN_MAX_S = 3_600.0
PROBE_LEASE_S = 60.0
# A demo failure was asked for by a /demo command, so the demo is soon itself again.
DEMO_COOL_DOWN_S = 5.0
OVERKILL_SCORE = 5.0
EXPLOSION_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """Moments are seconds of the caller's clock."""

    state: BreakerState = BreakerState.CLOSED
    consecutive_failures: int = 0
    window_started_s: float = 0.0
    window_failures: int = 0
    times_opened: int = 0
    open_until_s: float = 0.0
    probe_until_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """`breaker` is the state to store, conditionally: only its writer may call."""

    is_admitted: bool
    breaker: Breaker
    retry_in_s: float = 0.0


def admit(breaker: Breaker, now_s: float) -> Admission:
    """Closed: yes. Open: no, until its time; then one caller at a time may probe."""
    if breaker.state is BreakerState.CLOSED:
        return Admission(True, breaker)
    if now_s < breaker.open_until_s:
        return Admission(False, breaker, breaker.open_until_s - now_s)
    if now_s < breaker.probe_until_s:
        return Admission(False, breaker, breaker.probe_until_s - now_s)
    probing = replace(breaker, state=BreakerState.HALF_OPEN, probe_until_s=now_s + PROBE_LEASE_S)
    return Admission(True, probing)


def succeeded(breaker: Breaker) -> Breaker:
    """Closes it; only the failures of the running hour are remembered."""
    return (
        Breaker(window_started_s=breaker.window_started_s, window_failures=breaker.window_failures)
        if breaker.state is BreakerState.CLOSED
        else Breaker()
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """A fatal one (wrong key, no credit) opens at once: trying again cannot mend it."""

    is_fatal: bool = False
    retry_after_s: float | None = None
    cool_down_s: float = COOL_DOWN_S


def failed(breaker: Breaker, now_s: float, failure: Failure) -> Breaker:
    is_new_window = now_s - breaker.window_started_s > WINDOW_S
    counted = replace(
        breaker,
        consecutive_failures=breaker.consecutive_failures + 1,
        window_started_s=now_s if is_new_window else breaker.window_started_s,
        window_failures=1 if is_new_window else breaker.window_failures + 1,
        probe_until_s=0.0,
    )
    must_open = (
        failure.is_fatal
        or breaker.state is not BreakerState.CLOSED
        or counted.consecutive_failures >= FAILURES_IN_A_ROW
        or counted.window_failures >= FAILURES_PER_WINDOW
    )
    return _opened(counted, now_s, failure) if must_open else counted


def _opened(breaker: Breaker, now_s: float, failure: Failure) -> Breaker:
    cool_down_s = min(COOL_DOWN_MAX_S, failure.cool_down_s * 2.0**breaker.times_opened)
    if failure.retry_after_s is not None:
        cool_down_s = min(COOL_DOWN_MAX_S, max(cool_down_s, failure.retry_after_s))
    return replace(
        breaker,
        state=BreakerState.OPEN,
        times_opened=breaker.times_opened + 1,
        open_until_s=now_s + cool_down_s,
    )


def is_token_explosion(used_tokens: int, expected_tokens: int) -> bool:
    return expected_tokens > 0 and used_tokens >= EXPLOSION_FACTOR * expected_tokens


def overkill_score(cost_nano: int, cheapest_good_nano: int) -> float:
    """How many times dearer the answer was than the cheapest gear expected to do as well."""
    return cost_nano / cheapest_good_nano if cheapest_good_nano else 0.0
