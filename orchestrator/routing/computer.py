"""The onboard computer (the decision): the cheapest gear that is expected to do the task well."""

from difflib import get_close_matches

from orchestrator.routing import gearbox, learning, refusals, roads, rules, signals, throttle
from orchestrator.routing.gearbox import Leg
from orchestrator.routing.learning import Chance
from orchestrator.routing.types import (
    Action,
    Candidate,
    Conditions,
    Features,
    Fleet,
    GearSpec,
    Pattern,
    Plan,
    PolicySpec,
    Reason,
    Refusal,
    RefusalKind,
    RoadMatch,
    RuleSpec,
    Task,
)

NO_ACTION = Action()
MANY_STAGES = 10


def plan(
    task: Task, fleet: Fleet, conditions: Conditions, policy: PolicySpec, rng: Chance
) -> Plan | Refusal:
    """Pure: the same arguments and the same chance give the same plan."""
    unknown = _unknown_name(task, fleet)
    if unknown is not None:
        return unknown
    features = signals.read(task)
    match = roads.match(task, features, fleet)
    rule = rules.first_match(fleet.rules, task, features, match.road, conditions.unavailable)
    action = rule.then if rule else NO_ACTION
    leg = Leg(
        task=task,
        features=features,
        road=match.road,
        throttle=throttle.choose(match.road, features, policy, task.overrides, action.throttle),
        policy=policy,
        conditions=conditions,
        rule=action,
        pinned=task.overrides.gear or action.use_gear or _bound_gear(task),
    )
    weighed = gearbox.candidates(fleet.gears, leg)
    return _Choice(leg, match, weighed, rule, fleet).make(rng)


def _unknown_name(task: Task, fleet: Fleet) -> Refusal | None:
    overrides = task.overrides
    asked = (
        ("gear", overrides.gear, [gear.name for gear in fleet.gears]),
        ("road", overrides.road, [road.name for road in fleet.roads]),
        ("provider", overrides.provider, [gear.provider for gear in fleet.gears]),
    )
    for kind, name, known in asked:
        if name and name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"Did you mean {', '.join(near)}?" if near else f"See: clutch {kind}s list"
            return Refusal(RefusalKind.UNKNOWN_NAME, f"There is no {kind} named {name!r}.", hint)
    return None


def _bound_gear(task: Task) -> str:
    """Inside a tool loop, or behind a provider's own thinking, the gear never changes."""
    previous = task.previous
    if previous is None or not (previous.in_tool_loop or previous.thinking_provider):
        return ""
    return previous.gear


class _Choice:
    """One choice among weighed gears, and the story of how it was made."""

    def __init__(
        self,
        leg: Leg,
        match: RoadMatch,
        weighed: tuple[Candidate, ...],
        rule: RuleSpec | None,
        fleet: Fleet,
    ) -> None:
        self.leg = leg
        self.match = match
        self.weighed = weighed
        self.rule = rule
        self.fleet = fleet
        self.fitting = sorted((c for c in weighed if c.fits), key=self._preference)

    def make(self, rng: Chance) -> Plan | Refusal:
        pinned = self._pinned()
        if self.leg.pinned and pinned is not None and not pinned.fits and self._pin_is_hard():
            return refusals.for_pin(pinned, self.leg, self.match, self.weighed)
        if not self.fitting:
            return refusals.for_none(self.leg, self.match, self.weighed)
        is_pinned = pinned is not None and pinned.fits
        chosen = pinned if pinned is not None and pinned.fits else self.fitting[0]
        explored = None
        if not (is_pinned or self.leg.task.has_tools or chosen.gear.is_demo):
            explored = learning.explore(
                self.fitting, chosen, self.target, self.leg.policy.exploration_rate, rng
            )
        return self._plan(explored or chosen, is_pinned=is_pinned, is_explored=explored is not None)

    @property
    def target(self) -> float:
        return self.leg.policy.target_quality

    def _pinned(self) -> Candidate | None:
        return next((c for c in self.weighed if c.gear.name == self.leg.pinned), None)

    def _pin_is_hard(self) -> bool:
        """A person's pin and a rule's are kept or refused; a tool loop may lose its gear."""
        return bool(self.leg.task.overrides.gear or self.leg.rule.use_gear)

    def _preference(self, candidate: Candidate) -> tuple[object, ...]:
        """Those that reach the target by cost, the rest by quality; then ties in a fixed order."""
        gear = candidate.gear
        reaches = candidate.quality >= self.target
        cost = candidate.cost_nano or 0
        is_default = gear.name == self.leg.road.default_gear
        worth = (cost, -candidate.quality) if reaches else (-candidate.quality, cost)
        return (not reaches, *worth, not is_default, gear.level, gear.order, gear.name)

    def _plan(self, chosen: Candidate, *, is_pinned: bool, is_explored: bool) -> Plan:
        leg = self.leg
        dearest = self._dearest(chosen.gear)
        return Plan(
            chosen=chosen,
            fallbacks=self._fallbacks(chosen, is_pinned=is_pinned),
            candidates=self.weighed,
            match=self.match,
            features=leg.features,
            pattern=self._pattern(),
            proposed=self._allowed(self._proposed_pattern()),
            zone=leg.zone_for(chosen.gear),
            budget=leg.binding(chosen.gear),
            baseline_gear=dearest.gear.name if dearest else "",
            baseline_nano=dearest.cost_nano if dearest else None,
            because=tuple(self._reasons(chosen, is_pinned=is_pinned, is_explored=is_explored)),
            policy=leg.policy.name,
            fleet_version=self.fleet.version,
            rule=self.rule.name if self.rule else "",
            is_exploration=is_explored,
            is_pinned=is_pinned,
            warnings=tuple(self._warnings(chosen)),
        )

    def _fallbacks(self, chosen: Candidate, *, is_pinned: bool) -> tuple[Candidate, ...]:
        """A pin has none. Others: first those as good, and of another provider before the same."""
        if is_pinned and self.leg.task.overrides.gear:
            return ()
        rest = [
            c for c in self.fitting if c is not chosen and c.gear.is_demo == chosen.gear.is_demo
        ]
        return tuple(
            sorted(
                rest,
                key=lambda c: (c.quality < self.target, c.gear.provider == chosen.gear.provider),
            )
        )

    def _pattern(self) -> Pattern:
        """One call, unless a person or a rule asked for more: several calls cost several times."""
        return self._allowed(
            self.leg.task.overrides.pattern or self.leg.rule.pattern or Pattern.SINGLE
        )

    def _allowed(self, wanted: Pattern) -> Pattern:
        allowed = self.leg.policy.allowed_patterns
        return wanted if allowed is None or wanted in allowed else Pattern.SINGLE

    def _proposed_pattern(self) -> Pattern:
        road, stages = self.leg.road, self.leg.features.stages
        if road.needs_specialists and stages > MANY_STAGES:
            return Pattern.HYBRID
        return road.pattern

    def _dearest(self, like: GearSpec) -> Candidate | None:
        """What the strongest money could buy would have cost; demo compares with demo."""
        able = [
            c
            for c in self.weighed
            if c.constraint != "ability" and c.cost_nano and c.gear.is_demo == like.is_demo
        ]
        return max(able, key=lambda c: (c.cost_nano or 0, c.gear.level, c.gear.name), default=None)

    def _reasons(self, chosen: Candidate, *, is_pinned: bool, is_explored: bool) -> list[Reason]:
        gear, match = chosen.gear, self.match
        reasons = [
            Reason("road", f"{match.road.title}, {match.confidence:.0%} sure ({match.method})")
        ]
        if self.rule is not None:
            reasons.append(Reason("rule", f"rule {self.rule.name} {self.rule.reason}".strip()))
        if is_pinned:
            reasons.append(Reason("pinned", f"{gear.name} was asked for"))
        elif is_explored:
            reasons.append(Reason("exploration", f"{gear.name} is tried to learn how well it does"))
        elif chosen.quality >= self.target:
            reasons.append(
                Reason(
                    "cheapest",
                    f"{gear.name} is the cheapest that is expected to do it well "
                    f"({chosen.quality:.0%}, wanted {self.target:.0%})",
                )
            )
        else:
            reasons.append(
                Reason("best", f"{gear.name} is the best that is left ({chosen.quality:.0%})")
            )
        if chosen.setting.note:
            reasons.append(Reason("throttle", chosen.setting.note))
        return reasons

    def _warnings(self, chosen: Candidate) -> list[str]:
        features: Features = self.leg.features
        warnings = []
        if features.needs_web and "web" not in chosen.gear.capabilities:
            warnings.append("This gear cannot look things up on the web; its answer may be old.")
        if chosen.quality < self.target:
            warnings.append("No gear that is free to use reaches the quality you asked for.")
        if chosen.gear.is_demo:
            warnings.append("Demo – canned answer. Add a provider key for real ones.")
        return warnings
