"""The driving school's pure part: exploring within the limits, and the fitness of a gear."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.routing.types import Candidate

# A gear far below the target teaches little and annoys a lot.
EXPLORE_WITHIN = 0.25


class Chance(Protocol):
    def random(self) -> float: ...

    def choice(self, options: Sequence[Candidate], /) -> Candidate: ...


def explore(
    fitting: Sequence[Candidate], chosen: Candidate, target: float, rate: float, rng: Chance
) -> Candidate | None:
    """Now and then another gear that also fits every constraint, and costs no more than double."""
    if rate <= 0 or rng.random() >= rate:
        return None
    limit_nano = 2 * (chosen.cost_nano or 0)
    others = [
        candidate
        for candidate in fitting
        if candidate is not chosen
        and candidate.quality >= target - EXPLORE_WITHIN
        and (candidate.cost_nano or 0) <= limit_nano
    ]
    return rng.choice(others) if others else None


@dataclass(frozen=True, slots=True)
class Record:
    """The trips of one gear on one road, as averages and shares."""

    tokens: float
    success_rate: float
    corrections: float
    latency_s: float
    retries: float
    error_rate: float


def fitness(record: Record) -> float:
    """A score from 0 to 1: efficiency .30, quality .35, speed .20, reliability .15."""
    efficiency = _sigmoid(5_000 / max(record.tokens, 1), middle=1.0, steepness=3.0)
    quality = max(0.0, record.success_rate - min(0.3, 0.1 * record.corrections))
    speed = _sigmoid(30.0 / max(record.latency_s, 0.01), middle=1.0, steepness=2.0)
    reliability = max(0.0, 1 - min(0.4, 0.1 * record.retries) - 0.5 * record.error_rate)
    return 0.30 * efficiency + 0.35 * quality + 0.20 * speed + 0.15 * reliability


def _sigmoid(value: float, *, middle: float, steepness: float) -> float:
    return 1 / (1 + math.exp(-steepness * min(value - middle, 100.0)))
