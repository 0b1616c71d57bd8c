"""The state of the world at the moment of a decision: wishes, health, budgets, experience."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orchestrator.routing.types.words import Pattern


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """A profile's or token's wishes. `allowed_gears` None means all."""

    name: str = "balanced"
    target_quality: float = 0.80
    allowed_gears: frozenset[str] | None = None
    allowed_providers: frozenset[str] | None = None
    allowed_patterns: frozenset[Pattern] | None = None
    max_level: int = 5
    min_throttle: int = 0
    max_throttle: int = 100
    exploration_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class EffectiveValue:
    """One setting as it counts, and which layer it comes from: the source and its name."""

    field: str
    value: object
    source: str
    name: str = ""


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BudgetView:
    """One budget of one period, as a decision and a refusal sentence need it."""

    name: str
    scope: str
    period: str
    limit_nano: int | None
    spent_nano: int
    reserved_nano: int
    refills_at: str
    scope_id: str = ""

    @property
    def left_nano(self) -> int | None:
        if self.limit_nano is None:
            return None
        return max(0, self.limit_nano - self.spent_nano - self.reserved_nano)


@dataclass(frozen=True, slots=True)
class ZoneTable:
    """Percent of the tightest budget at which each zone ends, and the highest gear of all four."""

    green_below: int = 30
    yellow_below: int = 60
    orange_below: int = 80
    caps: tuple[int, int, int, int] = (5, 3, 2, 0)


@dataclass(frozen=True, slots=True)
class Fuel:
    """Budgets that bind this driver: shared ones, and ones that bind a single provider or road.

    `demo` are the budgets of the demo currency; they bind demo gears only.
    """

    shared: tuple[BudgetView, ...] = ()
    by_provider: Mapping[str, tuple[BudgetView, ...]] = field(default_factory=dict)
    by_road: Mapping[str, tuple[BudgetView, ...]] = field(default_factory=dict)
    demo: tuple[BudgetView, ...] = ()
    zones: ZoneTable = ZoneTable()


@dataclass(frozen=True, slots=True)
class Learned:
    """What trips taught about one (road, gear): pseudo-counts of good and bad outcomes."""

    good: float
    bad: float
    latency_s: float | None = None

    @property
    def samples(self) -> float:
        return self.good + self.bad


@dataclass(frozen=True, slots=True)
class Conditions:
    """The state of the world at the moment of the decision.

    `unavailable` maps a provider's or a gear's name to the plain reason it cannot be used;
    `open_breakers` maps a gear's name to the seconds until its next probe.
    """

    fuel: Fuel = Fuel()
    unavailable: Mapping[str, str] = field(default_factory=dict)
    open_breakers: Mapping[str, float] = field(default_factory=dict)
    learned: Mapping[tuple[str, str], Learned] = field(default_factory=dict)
    is_owner_at_machine: bool = False
