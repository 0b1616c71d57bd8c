"""What a plan will cost and take, from the gear that each of its places would get. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.patterns import cascade
from orchestrator.patterns.plans import Cascade, Combine, Convoy, Hybrid, RunPlan, Swarm, Team
from orchestrator.patterns.plans.outline import phase_path, swarm_path
from orchestrator.routing import money
from orchestrator.routing.types import Candidate

# The dear end: answers twice as long as expected. The cheap end: two thirds of it.
LONG, SHORT = 2.0, 0.67
# What a reducing call is given at most, in characters, as `combining` cuts it.
CHARS_PER_TOKEN = 4
CAP_STEP_NANO = 10_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Between the cheap and the dear end. `hold_nano` is the dearest call's worst case."""

    calls: int = 0
    most_calls: int = 0
    low_nano: int = 0
    high_nano: int = 0
    seconds: float = 0.0
    hold_nano: int = 0
    output_tokens: int = 0

    def then(self, other: "Estimate") -> "Estimate":
        """One after the other: what is written at last is what the next is given."""
        return self._with(other, self.seconds + other.seconds, other.output_tokens)

    def beside(self, other: "Estimate") -> "Estimate":
        tokens = self.output_tokens + other.output_tokens
        return self._with(other, max(self.seconds, other.seconds), tokens)

    def _with(self, other: "Estimate", seconds: float, output_tokens: int) -> "Estimate":
        return Estimate(
            self.calls + other.calls,
            self.most_calls + other.most_calls,
            self.low_nano + other.low_nano,
            self.high_nano + other.high_nano,
            seconds,
            max(self.hold_nano, other.hold_nano),
            output_tokens,
        )

    @property
    def cap_nano(self) -> int:
        """Enough for the dear end, with room for the last call's hold; whole cents."""
        needed = self.high_nano + self.hold_nano
        return -(-needed // CAP_STEP_NANO) * CAP_STEP_NANO


@dataclass(frozen=True, slots=True)
class Items:
    count: int = 0
    chars: int = 0

    @property
    def tokens_each(self) -> int:
        return self.chars // max(self.count, 1) // CHARS_PER_TOKEN


Chosen = Mapping[str, Candidate]


def estimate(plan: RunPlan, chosen: Chosen, items: Items, at: str = "") -> Estimate:
    """`chosen` names a gear for every place by its path; `items` are those of a lone swarm."""
    return PRICED[type(plan)](plan, chosen, items, at)


def call(candidate: Candidate, given_tokens: int = 0, most: int = 1) -> Estimate:
    """One call, given what others wrote; `most` is how often it may have to be made."""
    low = candidate.cost_nano or 0
    prices, output = candidate.gear.prices, candidate.output_tokens
    extra = 0 if prices is None else money.cost_nano(prices, given_tokens, 0)
    written = 0 if prices is None else money.cost_nano(prices, 0, output)
    return Estimate(
        calls=1,
        most_calls=most,
        low_nano=int(max(low - written * (1 - SHORT), 0)) + extra,
        high_nano=most * (low + int(written * (LONG - 1)) + int(extra * LONG)),
        seconds=candidate.latency_s,
        hold_nano=(candidate.reserve_nano or 0) + extra,
        output_tokens=output,
    )


def _convoy(plan: Convoy, chosen: Chosen, items: Items, at: str) -> Estimate:
    total = Estimate()
    for number, step in enumerate(plan.steps, start=1):
        candidate = chosen[f"{at}{number}"]
        step_estimate = call(candidate, total.output_tokens, 2 if step.sends_back else 1)
        if step.sends_back:  # the step before may have to be driven again
            again = call(chosen[f"{at}{number - 1}"], total.output_tokens)
            step_estimate = _dearer(step_estimate, again)
        total = total.then(step_estimate)
    return total


def _dearer(usual: Estimate, perhaps: Estimate) -> Estimate:
    return Estimate(
        usual.calls,
        usual.most_calls + perhaps.most_calls,
        usual.low_nano,
        usual.high_nano + perhaps.high_nano,
        usual.seconds,
        max(usual.hold_nano, perhaps.hold_nano),
        usual.output_tokens,
    )


def _team(plan: Team, chosen: Chosen, items: Items, at: str) -> Estimate:
    if plan.roles:
        paths = [f"{at}1.{number}" for number in range(1, len(plan.roles) + 1)]
        total = _beside(call(chosen[path]) for path in paths)
    else:  # the lead names two to five; three is what they name most of the time
        lead = chosen[f"{at}0"]
        specialists = _beside(call(lead) for _ in range(3))
        total = call(lead).then(_dearer(specialists, _beside(call(lead) for _ in range(2))))
    for number in range(2, 4 if plan.review else 3):
        total = total.then(call(chosen[f"{at}{number}"], total.output_tokens))
    return total


def _beside(estimates: Iterable[Estimate]) -> Estimate:
    total = Estimate()
    for each in estimates:
        total = total.beside(each)
    return total


def _cascade(plan: Cascade, chosen: Chosen, items: Items, at: str) -> Estimate:
    """Two that agree are enough; at worst everybody is asked."""
    asked = [call(candidate) for path, candidate in _in_order(chosen, at)][: cascade.MOST_ASKED]
    total = Estimate()
    for number, each in enumerate(asked):
        total = total.then(each) if number < 2 else _dearer(total, each)
    return total


def _in_order(chosen: Chosen, at: str) -> Sequence[tuple[str, Candidate]]:
    return [(path, candidate) for path, candidate in chosen.items() if path.startswith(at)]


def _swarm(plan: Swarm, chosen: Chosen, items: Items, at: str) -> Estimate:
    own = Items(len(plan.items), sum(map(len, plan.items))) if plan.items else items
    count = own.count or 10  # items that a phase before will only find
    has_check = plan.check.json_schema is not None or plan.check.regex or plan.check.judge
    each = call(chosen[swarm_path(at)], own.tokens_each, 1 + (plan.retries if has_check else 0))
    judged = call(chosen[swarm_path(at)], own.tokens_each + each.output_tokens)
    one = each.then(judged) if plan.check.judge else each
    total = Estimate(
        one.calls * count,
        one.most_calls * count,
        one.low_nano * count,
        one.high_nano * count,
        one.seconds * -(-count // min(plan.parallel, count)),
        one.hold_nano,
        each.output_tokens * count,
    )
    if plan.combine is Combine.REDUCE:
        return total.then(call(chosen[f"{at}reduce"], total.output_tokens))
    return total


def _hybrid(plan: Hybrid, chosen: Chosen, items: Items, at: str) -> Estimate:
    total = Estimate()
    for number, phase in enumerate(plan.phases, start=1):
        total = total.then(estimate(phase.plan, chosen, Items(), phase_path(at, number)))
    return total


PRICED: Mapping[type[Any], Callable[[Any, Chosen, Items, str], Estimate]] = {
    Convoy: _convoy,
    Team: _team,
    Cascade: _cascade,
    Swarm: _swarm,
    Hybrid: _hybrid,
}
