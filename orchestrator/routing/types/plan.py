"""What comes out: the plan with its reasons, or a refusal."""

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.routing.types.fleet import GearSpec, RoadSpec
from orchestrator.routing.types.words import Effort, Pattern, Purpose, Tempo, Zone
from orchestrator.routing.types.world import BudgetView, EffectiveValue


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing seen in the task and what it weighed, for the receipt."""

    name: str
    value: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Features:
    """What the words of a task show before any road is chosen."""

    words: int
    estimated_tokens: int
    language: str
    has_code: bool
    has_maths: bool
    difficulty: float
    tempo: Tempo
    stages: int
    purpose: Purpose
    is_security_critical: bool
    needs_web: bool
    tier: str
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class RoadMatch:
    road: RoadSpec
    confidence: float
    method: str
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasoningSetting:
    """The throttle as one model takes it; `note` says what was clamped or has no effect."""

    throttle: int
    effort: Effort | None
    budget_tokens: int | None
    max_output_tokens: int
    temperature: float | None
    timeout_factor: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One gear with its numbers; `left_out` is empty for those that could be taken.

    `is_fallback` says the clutch may shift to it when the ones before fail.
    """

    gear: GearSpec
    quality: float
    cost_nano: int | None
    reserve_nano: int | None
    latency_s: float
    setting: ReasoningSetting
    left_out: str = ""
    constraint: str = ""
    # How long an answer is expected to be.
    output_tokens: int = 0

    @property
    def fits(self) -> bool:
        return not self.left_out


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision and its receipt. `fallbacks` are what the clutch may shift to, in order."""

    chosen: Candidate
    fallbacks: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    match: RoadMatch
    features: Features
    pattern: Pattern
    zone: Zone
    budget: BudgetView | None
    baseline_gear: str
    baseline_nano: int | None
    because: tuple[Reason, ...]
    policy: str
    fleet_version: int
    rule: str = ""
    is_exploration: bool = False
    is_pinned: bool = False
    # What would suit the task where nobody asked for a pattern: several calls need a word first.
    proposed: Pattern = Pattern.SINGLE
    warnings: tuple[str, ...] = ()
    # What was driven with and where each of it comes from; the profile's name and its own budget.
    settings: tuple[EffectiveValue, ...] = ()
    profile: str = ""
    profile_budget: str = ""


class RefusalKind(StrEnum):
    NO_PROVIDER = "no_provider"
    POLICY = "policy"
    CAPABILITY = "capability"
    HEALTH = "health"
    BUDGET = "budget"
    UNKNOWN_NAME = "unknown_name"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no gear can take the task: what happened, and what to do next."""

    kind: RefusalKind
    message: str
    next_step: str
    candidates: tuple[Candidate, ...] = ()
    match: RoadMatch | None = None
    features: Features | None = None
    zone: Zone = Zone.GREEN
    budget: BudgetView | None = None
    settings: tuple[EffectiveValue, ...] = ()
    profile: str = ""
