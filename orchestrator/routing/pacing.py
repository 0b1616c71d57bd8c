"""Rate limits per minute, for requests and tokens, as a bucket that drips evenly.

Each limit is one moment: where everything sent so far reaches to at the allowed rate. What lies
more than the burst ahead of now has to wait.
"""

from dataclasses import dataclass, replace

MINUTE_S = 60.0
# How far ahead of an even rate a provider may be asked: a tenth of a minute's worth at once.
BURST_S = 6.0
# So that the burst and the even rate together stay below the limit in any one minute.
USED_SHARE = 0.9
LONGEST_CLOSED_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """None where the provider has no such limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    @property
    def are_none(self) -> bool:
        return not (self.requests_per_minute or self.tokens_per_minute)


@dataclass(frozen=True, slots=True)
class Pace:
    """Moments in seconds on one clock."""

    requests_until_s: float = 0.0
    tokens_until_s: float = 0.0
    closed_until_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Passage:
    """Either it may leave now, and the pace has moved; or it has to wait, and nothing moved."""

    wait_s: float
    pace: Pace


def admit(pace: Pace, limits: Limits, tokens: int, now_s: float) -> Passage:
    """Ask for one request of so many tokens. A request larger than a minute's worth still passes,
    and holds up what comes after it."""
    wait_s = max(
        pace.closed_until_s - now_s,
        _wait(pace.requests_until_s, now_s) if limits.requests_per_minute else 0.0,
        _wait(pace.tokens_until_s, now_s) if limits.tokens_per_minute else 0.0,
        0.0,
    )
    if wait_s > 0:
        return Passage(wait_s, pace)
    return Passage(
        0.0,
        replace(
            pace,
            requests_until_s=_moved(pace.requests_until_s, limits.requests_per_minute, 1, now_s),
            tokens_until_s=_moved(pace.tokens_until_s, limits.tokens_per_minute, tokens, now_s),
        ),
    )


def closed(pace: Pace, retry_after_s: float, now_s: float) -> Pace:
    """The provider asked for a rest; nobody calls before it is over."""
    until_s = now_s + min(retry_after_s, LONGEST_CLOSED_S)
    return replace(pace, closed_until_s=max(pace.closed_until_s, until_s))


def _wait(until_s: float, now_s: float) -> float:
    return until_s - BURST_S - now_s


def _moved(until_s: float, per_minute: int | None, amount: int, now_s: float) -> float:
    if not per_minute:
        return until_s
    return max(until_s, now_s) + amount * MINUTE_S / (per_minute * USED_SHARE)
