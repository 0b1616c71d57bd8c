"""Days on which far more was spent than on the days before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

BEFORE_DAYS = 7
TIMES = 2
# Twice of next to nothing is still next to nothing.
LEAST_NANO = 100_000_000


@dataclass(frozen=True, slots=True)
class Spike:
    day: date
    cost_nano: int
    usual_nano: int

    @property
    def times(self) -> float:
        return self.cost_nano / self.usual_nano if self.usual_nano else float("inf")


def find(days: Sequence[tuple[date, int]]) -> list[Spike]:
    """Of days in a row, those with seven before them that cost at least twice their mean."""
    found = []
    for place in range(BEFORE_DAYS, len(days)):
        day, cost_nano = days[place]
        usual_nano = sum(nano for _, nano in days[place - BEFORE_DAYS : place]) // BEFORE_DAYS
        if cost_nano >= LEAST_NANO and cost_nano >= TIMES * usual_nano:
            found.append(Spike(day, cost_nano, usual_nano))
    return found
