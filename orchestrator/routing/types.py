"""Vocabulary of a decision: what goes into `computer.plan` and what comes out.

Everything here is frozen and knows neither database, clock nor network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Capability(StrEnum):
    TOOLS = "tools"
    VISION = "vision"
    PDF = "pdf"
    THINKING = "thinking"
    JSON_SCHEMA = "json_schema"
    WEB = "web"


class Purpose(StrEnum):
    GENERAL = "general"
    CODING = "coding"
    VISION = "vision"
    RESEARCH = "research"
    REASONING = "reasoning"
    CONVERSATION = "conversation"
    TOOLS = "tools"
    BULK = "bulk"
    CREATIVE = "creative"
    TRANSLATION = "translation"
    MATHS = "maths"


class Pattern(StrEnum):
    SINGLE = "single"
    CONVOY = "convoy"
    TEAM = "team"
    SWARM = "swarm"
    HYBRID = "hybrid"


class Tempo(StrEnum):
    HURRIED = "hurried"
    NORMAL = "normal"
    THOROUGH = "thorough"


class Zone(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class Effort(StrEnum):
    """Reasoning levels a provider may know, weakest first."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


class ReasoningStyle(StrEnum):
    """How a model's reasoning is switched on the wire."""

    NONE = "none"
    EFFORT = "effort"
    BUDGET = "budget"
    TOGGLE = "toggle"


@dataclass(frozen=True, slots=True)
class ReasoningSupport:
    style: ReasoningStyle = ReasoningStyle.NONE
    levels: tuple[Effort, ...] = ()
    max_budget_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices in nano-dollars per million tokens, so every list price is a whole number."""

    input: int
    output: int
    cached_input: int
    cache_write: int


@dataclass(frozen=True, slots=True)
class Prices:
    """`above` holds dearer rates for prompts longer than a threshold, ascending."""

    base: Rates
    above: tuple[tuple[int, Rates], ...] = ()
    version: str = ""


FREE = Prices(Rates(0, 0, 0, 0), version="free")


@dataclass(frozen=True, slots=True)
class GearSpec:
    """One choosable model entry. `prices` is None while the price is unknown: never zero."""

    name: str
    level: int
    provider: str
    model_id: str
    prices: Prices | None
    context_window: int
    max_output_tokens: int
    capabilities: frozenset[Capability] = frozenset()
    strengths: frozenset[str] = frozenset()
    reasoning: ReasoningSupport = ReasoningSupport()
    order: int = 0
    title: str = ""
    is_local: bool = False
    is_demo: bool = False
    is_agentic: bool = False
    first_token_s: float = 1.0
    tokens_per_s: float = 60.0

    @property
    def is_free(self) -> bool:
        return self.prices is not None and self.prices.base == FREE.base and not self.prices.above


@dataclass(frozen=True, slots=True)
class RoadSpec:
    """A task class. `triggers` maps a language to words and phrases, matched on word boundaries."""

    name: str
    title: str
    task_type: str
    default_gear: str
    level: int
    throttle: int
    pattern: Pattern
    triggers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs_specialists: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule asks of a task; an empty field asks nothing, and all fields must hold."""

    roads: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    keywords: tuple[str, ...] = ()
    languages: frozenset[str] = frozenset()
    has_tools: bool | None = None
    has_images: bool | None = None
    min_context_tokens: int | None = None
    max_context_tokens: int | None = None
    min_difficulty: float | None = None
    max_difficulty: float | None = None
    offline_provider: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    use_gear: str = ""
    min_level: int | None = None
    max_level: int | None = None
    throttle: int | None = None
    pattern: Pattern | None = None
    forbid_gears: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleSpec:
    name: str
    when: Condition
    then: Action
    order: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything a decision may choose from, as of one version of the configuration."""

    gears: tuple[GearSpec, ...]
    roads: tuple[RoadSpec, ...]
    rules: tuple[RuleSpec, ...] = ()
    default_road: str = "country-road"
    version: int = 0


@dataclass(frozen=True, slots=True)
class PreviousTurn:
    """The turn before, for short follow-ups that inherit its road."""

    road: str
    gear: str
    age_s: float
    had_code: bool = False
    in_tool_loop: bool = False
    thinking_provider: str = ""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the caller fixed by hand. A named gear is a pin: never silently overruled."""

    gear: str = ""
    provider: str = ""
    road: str = ""
    throttle: int | None = None
    pattern: Pattern | None = None
    tempo: Tempo | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """`text` holds only the user's own words; everything else is counted, never read."""

    text: str
    context_tokens: int = 0
    images: int = 0
    pdfs: int = 0
    has_tools: bool = False
    needs_json_schema: bool = False
    needs_web: bool = False
    previous: PreviousTurn | None = None
    overrides: Overrides = Overrides()
    hint: "ClassifierHint | None" = None


@dataclass(frozen=True, slots=True)
class ClassifierHint:
    """What an optional LLM classifier said; used only where the signals are unsure."""

    road: str
    confidence: float
    source: str


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
    warnings: tuple[str, ...] = ()


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
