"""The gearbox: for every gear its numbers on this task, or the constraint that removed it."""

from dataclasses import dataclass, replace

from orchestrator.routing import fuel, money, quality, throttle
from orchestrator.routing.quality import QualityModel
from orchestrator.routing.types import (
    Action,
    BudgetView,
    Candidate,
    Capability,
    Conditions,
    Features,
    GearSpec,
    PolicySpec,
    RoadSpec,
    Task,
    Zone,
)

# Tokens an answer of a road at level 1, 2, … is expected to have at throttle 50 %.
OUTPUT_TOKENS = (0, 250, 450, 800, 1_200, 1_800)
# Prompts are counted roughly; what is held must cover the rough side.
PROMPT_MARGIN_PERCENT = 130
PROMPT_EXTRA_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Leg:
    """What is asked of every gear alike. `pinned` may be a gear's name."""

    task: Task
    features: Features
    road: RoadSpec
    throttle: int
    policy: PolicySpec
    conditions: Conditions
    rule: Action
    pinned: str = ""
    model: QualityModel = quality.PRIOR

    @property
    def prompt_tokens(self) -> int:
        return self.task.context_tokens + self.features.estimated_tokens

    def binding(self, gear: GearSpec) -> BudgetView | None:
        """The tightest of the budgets that this gear draws on."""
        return fuel.tightest(fuel.binding(self.conditions.fuel, gear, self.road.name))

    def zone_for(self, gear: GearSpec) -> Zone:
        return fuel.zone(self.binding(gear), self.conditions.fuel.zones)

    @property
    def max_output_tokens(self) -> int | None:
        return self.task.overrides.max_output_tokens


def candidates(gears: tuple[GearSpec, ...], leg: Leg) -> tuple[Candidate, ...]:
    """All gears; the demo ones drop out as soon as one real gear is set up."""
    weighed = tuple(_weigh(gear, leg) for gear in gears)
    real_is_set_up = any(
        not candidate.gear.is_demo and candidate.constraint not in ("policy", "unavailable")
        for candidate in weighed
    )
    if not real_is_set_up:
        return weighed
    return tuple(
        _without(candidate, "policy", "demo answers are for the time before a provider is set up")
        if candidate.gear.is_demo and candidate.fits and candidate.gear.name != leg.pinned
        else candidate
        for candidate in weighed
    )


def _without(candidate: Candidate, constraint: str, reason: str) -> Candidate:
    return replace(candidate, left_out=reason, constraint=constraint)


def _weigh(gear: GearSpec, leg: Leg) -> Candidate:
    setting = throttle.setting_for(gear, leg.throttle, leg.max_output_tokens)
    output = min(_expected_output(leg), setting.max_output_tokens)
    learned = leg.conditions.learned.get((leg.road.name, gear.name))
    prior = leg.model.expected(gear, leg.throttle, leg.road, leg.features)
    candidate = Candidate(
        gear=gear,
        quality=round(quality.corrected(prior, learned), 4),
        cost_nano=_cost_nano(gear, leg.prompt_tokens, output),
        reserve_nano=reserve_nano(gear, leg.prompt_tokens, setting.max_output_tokens),
        latency_s=round(gear.first_token_s + output / gear.tokens_per_s, 2),
        setting=setting,
        output_tokens=output,
    )
    for constraint, check in CONSTRAINTS:
        if reason := check(candidate, leg):
            return _without(candidate, constraint, reason)
    return candidate


def _cost_nano(gear: GearSpec, prompt_tokens: int, output_tokens: int) -> int | None:
    if gear.prices is None:
        return None
    return money.cost_nano(gear.prices, prompt_tokens, output_tokens)


def _expected_output(leg: Leg) -> int:
    tokens = OUTPUT_TOKENS[leg.road.level] * throttle.token_factor(leg.throttle)
    return round(tokens * min(3, 1 + 0.15 * (leg.features.stages - 1)))


def reserve_nano(gear: GearSpec, prompt_tokens: int, max_output_tokens: int) -> int | None:
    """The worst case: every token allowed is used, at the dearest rates that can apply."""
    if gear.prices is None:
        return None
    prompt = prompt_tokens * PROMPT_MARGIN_PERCENT // 100 + PROMPT_EXTRA_TOKENS
    return money.worst_case_nano(gear.prices, prompt, max_output_tokens)


def _policy(candidate: Candidate, leg: Leg) -> str:
    gear, policy, rule = candidate.gear, leg.policy, leg.rule
    if gear.is_agentic and not leg.conditions.is_owner_at_machine:
        return "runs tools on this computer: only for its owner at the terminal"
    if policy.allowed_gears is not None and gear.name not in policy.allowed_gears:
        return "not among the gears of this profile"
    if policy.allowed_providers is not None and gear.provider not in policy.allowed_providers:
        return "not among the providers of this profile"
    if gear.name in rule.forbid_gears:
        return "a rule forbids it"
    if gear.level > policy.max_level:
        return f"above G{policy.max_level}, the highest of this profile"
    return "" if gear.name == leg.pinned else _unless_pinned(gear, leg)


def _unless_pinned(gear: GearSpec, leg: Leg) -> str:
    """What keeps a gear from being chosen, but not from being asked for by name."""
    rule = leg.rule
    if leg.task.overrides.provider and gear.provider != leg.task.overrides.provider:
        return f"only {leg.task.overrides.provider} was asked for"
    if gear.is_agentic:
        return "an agent is only used when it is asked for by name"
    if rule.max_level is not None and gear.level > rule.max_level:
        return f"above G{rule.max_level}, the highest that a rule allows"
    if rule.min_level is not None and gear.level < rule.min_level:
        return f"below G{rule.min_level}, which a rule asks for"
    return ""


def _availability(candidate: Candidate, leg: Leg) -> str:
    unavailable = leg.conditions.unavailable
    return unavailable.get(candidate.gear.name) or unavailable.get(candidate.gear.provider) or ""


def _ability(candidate: Candidate, leg: Leg) -> str:
    task, gear = leg.task, candidate.gear
    asked = (
        (task.images > 0, Capability.VISION, "cannot see images"),
        (task.pdfs > 0, Capability.PDF, "cannot read PDF files"),
        (task.has_tools, Capability.TOOLS, "cannot use tools"),
        (task.needs_json_schema, Capability.JSON_SCHEMA, "cannot keep to a JSON schema"),
    )
    for is_asked, capability, reason in asked:
        if is_asked and capability not in gear.capabilities:
            return reason
    needed = leg.prompt_tokens + min(candidate.setting.max_output_tokens, 1_024)
    if needed > gear.context_window:
        return f"its window of {gear.context_window:,} tokens is too small for {needed:,}"
    return ""


def _health(candidate: Candidate, leg: Leg) -> str:
    wait_s = leg.conditions.open_breakers.get(candidate.gear.name)
    return "" if wait_s is None else f"failed too often, tried again in {wait_s:.0f} s"


def _budget(candidate: Candidate, leg: Leg) -> str:
    gear, need = candidate.gear, candidate.reserve_nano
    if gear.is_free:
        return ""
    if need is None:
        return "its price is unknown: set one"
    zone, view = leg.zone_for(gear), leg.binding(gear)
    cap = fuel.level_cap(zone, leg.conditions.fuel.zones)
    if view is not None and gear.level > cap:
        return fuel.zone_refusal(view, zone, cap)
    short = fuel.too_small(fuel.binding(leg.conditions.fuel, gear, leg.road.name), need)
    if short is not None:
        return f"may cost {fuel.dollars(need)}; {fuel.refusal(short)}"
    return ""


# In this order: what nobody may have, what is not set up, what cannot do it, what is ill, what
# is too dear. The first that fails is the reason a person reads.
CONSTRAINTS = (
    ("policy", _policy),
    ("unavailable", _availability),
    ("ability", _ability),
    ("health", _health),
    ("budget", _budget),
)
