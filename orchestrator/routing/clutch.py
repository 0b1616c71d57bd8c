"""The clutch: after a failed call, wait and retry, shift to another gear, or give up."""

from collections.abc import Callable
from dataclasses import dataclass, replace

MAX_ATTEMPTS = 4
MAX_RETRIES_ON_GEAR = 2
# A provider that asks for a longer wait than this is left for another gear.
MAX_WAIT_S = 60.0
BASE_WAIT_S = 0.5
MAX_BACKOFF_S = 8.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known after a failed attempt. `attempts` counts all of them, this one included."""

    is_retryable: bool
    can_shift: bool
    retry_after_s: float | None
    has_shown_text: bool
    attempts: int
    attempts_on_gear: int
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Retry:
    after_s: float


@dataclass(frozen=True, slots=True)
class Shift:
    pass


@dataclass(frozen=True, slots=True)
class GiveUp:
    reason: str


Verdict = Retry | Shift | GiveUp


def decide(failure: Failure, *, may_retry: Callable[[], bool], rng: Callable[[], float]) -> Verdict:
    """`may_retry` takes one retry from a shared budget; it is asked last, only when needed."""
    if failure.has_shown_text:
        return GiveUp("text was already shown")
    if failure.attempts >= MAX_ATTEMPTS:
        return GiveUp(f"{failure.attempts} attempts failed")
    wait_s = _wait_s(failure, rng)
    if _is_worth_waiting(failure, wait_s) and may_retry():
        return Retry(wait_s)
    if failure.can_shift and failure.seconds_left > 0:
        return Shift()
    return GiveUp("no other gear is left")


def _is_worth_waiting(failure: Failure, wait_s: float) -> bool:
    return (
        failure.is_retryable
        and failure.attempts_on_gear <= MAX_RETRIES_ON_GEAR
        and wait_s <= MAX_WAIT_S
        and wait_s < failure.seconds_left
    )


def _wait_s(failure: Failure, rng: Callable[[], float]) -> float:
    """What the provider asked for plus a little jitter, else exponential with full jitter."""
    if failure.retry_after_s is not None:
        return failure.retry_after_s + rng() * BASE_WAIT_S
    ceiling_s = min(MAX_BACKOFF_S, BASE_WAIT_S * 2.0**failure.attempts_on_gear)
    return rng() * ceiling_s


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """Each first try earns a tenth of a retry, so a dead provider is not hammered."""

    tokens: float = 10.0
    earns: float = 0.1
    most: float = 10.0

    def earned(self) -> "RetryBudget":
        return replace(self, tokens=min(self.most, self.tokens + self.earns))

    def taken(self) -> tuple["RetryBudget", bool]:
        if self.tokens < 1:
            return self, False
        return replace(self, tokens=self.tokens - 1), True
