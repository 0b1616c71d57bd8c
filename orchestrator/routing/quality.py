"""Expected quality: a transparent prior from level and need, corrected by what trips taught."""

import math
from typing import Protocol

from orchestrator.routing.types import Features, GearSpec, Learned, ReasoningStyle, RoadSpec

# A gear at the very level a task needs is expected to do it well four times in five; one level
# below that a little more than every second time, one above fourteen times in fifteen.
AT_NEED = 1.45
PER_LEVEL = 1.2
STRENGTH_BONUS = 0.4
SECURITY_NEED = 0.5
# The prior weighs as much as this many rated trips.
PRIOR_TRIPS = 8.0


class QualityModel(Protocol):
    """The seam for a trained model: the same question, a number from 0 to 1."""

    def expected(
        self, gear: GearSpec, throttle: int, road: RoadSpec, features: Features
    ) -> float: ...


class LevelPrior:
    """The level a road needs, moved by difficulty, against the gear's level and strengths."""

    def expected(self, gear: GearSpec, throttle: int, road: RoadSpec, features: Features) -> float:
        return _sigmoid(
            AT_NEED + PER_LEVEL * (strength(gear, throttle, road, features) - need(road, features))
        )


PRIOR = LevelPrior()


def need(road: RoadSpec, features: Features) -> float:
    """The gear level this task asks for; only clear signs of difficulty move it."""
    moved = 0.0
    if features.difficulty > 0.7:
        moved = (features.difficulty - 0.7) * 3
    elif features.difficulty < 0.3:
        moved = -0.4
    return road.level + moved + (SECURITY_NEED if features.is_security_critical else 0.0)


def strength(gear: GearSpec, throttle: int, road: RoadSpec, features: Features) -> float:
    bonus = STRENGTH_BONUS if features.purpose.value in gear.strengths else 0.0
    thinks = gear.reasoning.style is not ReasoningStyle.NONE
    return gear.level + bonus + (0.6 * (throttle - road.throttle) / 100 if thinks else 0.0)


def corrected(prior: float, learned: Learned | None) -> float:
    """The mean of a beta posterior that starts from the prior."""
    if learned is None or learned.samples <= 0:
        return prior
    return (prior * PRIOR_TRIPS + learned.good) / (PRIOR_TRIPS + learned.samples)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
