"""What may be chosen from: gears, roads and rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.routing.types.words import Capability, Effort, Pattern, Purpose, ReasoningStyle


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
    min_confidence: float = 0.0


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
    # A personal rule binds the user of this number alone.
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything a decision may choose from, as of one version of the configuration."""

    gears: tuple[GearSpec, ...]
    roads: tuple[RoadSpec, ...]
    rules: tuple[RuleSpec, ...] = ()
    default_road: str = "country-road"
    version: int = 0
