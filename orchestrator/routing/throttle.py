"""Throttle (reasoning level, 0–100 %): what a task gets, and how each model takes it."""

from orchestrator.routing.types import (
    Effort,
    Features,
    GearSpec,
    Overrides,
    PolicySpec,
    ReasoningSetting,
    ReasoningStyle,
    RoadSpec,
    Tempo,
)

HURRIED_CAP = 50
THOROUGH_FLOOR = 60
BASE_OUTPUT_TOKENS = 4_096
MIN_BUDGET_TOKENS = 1_024
THINKS_FROM = 40
EFFORTS = tuple(Effort)
POSITIONS = (
    (10, "idle"), (30, "creep"), (45, "city"), (60, "country"), (75, "fast"), (90, "motorway"),
)  # fmt: skip
# The highest throttle at which each reasoning level is asked for.
EFFORT_UP_TO = (
    (5, Effort.NONE), (20, Effort.MINIMAL), (40, Effort.LOW), (65, Effort.MEDIUM),
    (85, Effort.HIGH), (95, Effort.XHIGH), (100, Effort.MAX),
)  # fmt: skip


def choose(
    road: RoadSpec, features: Features, policy: PolicySpec, overrides: Overrides, rule: int | None
) -> int:
    """A person's word first, then a rule's; else the road's, moved by difficulty and tempo."""
    if overrides.throttle is not None:
        return _clamp(overrides.throttle, 0, 100)
    value = road.throttle if rule is None else rule
    if rule is None:
        value += 15 * (features.difficulty > 0.7) - 10 * (features.difficulty < 0.3)
        if features.tempo is Tempo.HURRIED:
            value = min(value, HURRIED_CAP)
        elif features.tempo is Tempo.THOROUGH:
            value = max(value, THOROUGH_FLOOR)
    return _clamp(value, policy.min_throttle, policy.max_throttle)


def position(throttle: int) -> str:
    return next((name for limit, name in POSITIONS if throttle <= limit), "full")


def token_factor(throttle: int) -> float:
    return 0.2 + 1.8 * throttle / 100


def time_factor(throttle: int) -> float:
    return 0.3 + 1.7 * throttle / 100


def setting_for(gear: GearSpec, throttle: int, asked_max_tokens: int | None) -> ReasoningSetting:
    """The throttle on this model's own switch, clamped to what it can take, with a note if so."""
    wanted = asked_max_tokens or round(BASE_OUTPUT_TOKENS * token_factor(throttle))
    max_tokens = max(1, min(wanted, gear.max_output_tokens))
    effort, budget, note = _reasoning(gear, throttle, max_tokens)
    if budget is not None and asked_max_tokens is None:
        # Thinking is paid from the same allowance, so an answer must still fit behind it.
        max_tokens = min(gear.max_output_tokens, max_tokens + budget)
        budget = min(budget, max_tokens - 1)
    thinks = effort not in (None, Effort.NONE) or budget is not None
    return ReasoningSetting(
        throttle=throttle,
        effort=effort,
        budget_tokens=budget,
        max_output_tokens=max_tokens,
        temperature=None if thinks else 1.0,
        timeout_factor=time_factor(throttle),
        note=note,
    )


def _reasoning(
    gear: GearSpec, throttle: int, max_tokens: int
) -> tuple[Effort | None, int | None, str]:
    support = gear.reasoning
    match support.style:
        case ReasoningStyle.EFFORT if support.levels:
            wanted = _effort_for(throttle)
            effort = _nearest(wanted, support.levels)
            note = "" if effort is wanted else f"{wanted} is not offered, {effort} is used"
            return effort, None, note
        case ReasoningStyle.TOGGLE:
            return (Effort.MEDIUM if throttle >= THINKS_FROM else Effort.NONE), None, ""
        case ReasoningStyle.BUDGET:
            return _budget(throttle, support.max_budget_tokens, max_tokens)
        case _:
            return None, None, "this model has no reasoning switch: only the length changes"


def _budget(throttle: int, most: int, max_tokens: int) -> tuple[Effort | None, int | None, str]:
    if throttle < THINKS_FROM:
        return None, None, ""
    wanted = round(16_000 * (throttle - THINKS_FROM + 10) / (100 - THINKS_FROM + 10))
    budget = min(wanted, most or wanted, max_tokens - 1)
    if budget < MIN_BUDGET_TOKENS:
        return None, None, "the answer is too short to leave room for thinking"
    return None, budget, "" if budget == wanted else f"thinking is limited to {budget} tokens"


def _effort_for(throttle: int) -> Effort:
    return next(effort for limit, effort in EFFORT_UP_TO if throttle <= limit)


def _nearest(wanted: Effort, levels: tuple[Effort, ...]) -> Effort:
    place = EFFORTS.index(wanted)
    return min(levels, key=lambda level: (abs(EFFORTS.index(level) - place), EFFORTS.index(level)))


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))
