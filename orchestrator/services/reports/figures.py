"""The sums of one report or one line of it, and what follows from them. Money is whole nano."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.services.reports import latency
from orchestrator.services.reports.measures import MEASURES


@dataclass(frozen=True, slots=True)
class Figures:
    counts: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)

    @property
    def cost_nano(self) -> int:
        return self["cost_nano"]

    @property
    def trips(self) -> int:
        return self["trips"]

    @property
    def cost_per_trip_nano(self) -> int | None:
        return self.cost_nano // self.trips if self.trips else None

    @property
    def failed_share(self) -> float | None:
        return self["failed"] / self.trips if self.trips else None

    @property
    def p50_s(self) -> float | None:
        return latency.percentile_s(self.took, 0.5)

    @property
    def p95_s(self) -> float | None:
        return latency.percentile_s(self.took, 0.95)

    @property
    def took(self) -> list[int]:
        return [self[name] for name in latency.NAMES]

    @property
    def failed(self) -> int:
        return self["failed"]

    @property
    def tokens_in(self) -> int:
        return self["input_tokens"]

    @property
    def tokens_out(self) -> int:
        return self["output_tokens"]

    @property
    def overrides(self) -> int:
        """Gears that people fixed before, and corrections they made after."""
        return self["by_hand"] + self["corrected"]

    @property
    def votes(self) -> int:
        return self["good"] + self["bad"] + self["overkill"] + self["too_slow"]


def added(many: Iterable[Figures]) -> Figures:
    total = dict.fromkeys(MEASURES, 0)
    for each in many:
        for name, value in each.counts.items():
            total[name] += value
    return Figures(total)


def from_row(row: Mapping[str, Any]) -> Figures:
    return Figures({name: row[f"n_{name}"] for name in MEASURES})


def change(now: int, before: int) -> float | None:
    """As a share of what it was; unknown where there was nothing."""
    return now / before - 1 if before else None
