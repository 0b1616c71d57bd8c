"""The cap of one run: what it has spent, what it holds, and whether one more call fits."""

import asyncio
from dataclasses import dataclass, field

from django.db.models import Sum

from orchestrator.models import Trip
from orchestrator.patterns.crew import LegRefused
from orchestrator.routing.fuel import dollars


@dataclass(slots=True)
class Purse:
    """Exact, because only the holder of a run's lease opens its calls."""

    cap_nano: int | None
    spent_nano: int = 0
    _held: dict[str, int] = field(default_factory=dict)
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def held_nano(self) -> int:
        return sum(self._held.values())

    async def hold(self, key: str, amount_nano: int) -> None:
        """Wait while calls under way may give something back; refuse when none are."""
        async with self._moved:
            while not self._fits(amount_nano):
                if not self._held:
                    raise self._refusal(amount_nano)
                await self._moved.wait()
            self._held[key] = amount_nano

    def rename(self, key: str, known_as: str) -> None:
        self._held[known_as] = self._held.pop(key)

    async def release(self, key: str, spent_nano: int = 0) -> None:
        async with self._moved:
            self._held.pop(key, None)
            self.spent_nano += spent_nano
            self._moved.notify_all()

    def _fits(self, amount_nano: int) -> bool:
        if self.cap_nano is None or amount_nano == 0:
            return True
        return self.spent_nano + self.held_nano + amount_nano <= self.cap_nano

    def _refusal(self, amount_nano: int) -> LegRefused:
        return LegRefused(
            "cap",
            f"The cap of {dollars(self.cap_nano or 0)} is reached: {dollars(self.spent_nano)} are "
            f"spent, and the next call may cost up to {dollars(amount_nano)}.",
            "Raise the cap to go on. What was done is kept.",
            can_shift=False,
        )


def of(trip: Trip) -> Purse:
    """What a run that goes on has spent before counts against its cap."""
    spent_nano = trip.legs.aggregate(sum=Sum("cost_nano"))["sum"] if trip.attempts > 1 else 0
    return Purse(trip.cap_nano, spent_nano or 0)
