"""Why nothing can be driven: one sentence of what is wrong, one of what to do."""

from orchestrator.routing import fuel
from orchestrator.routing.gearbox import Leg
from orchestrator.routing.types import (
    BudgetView,
    Candidate,
    Refusal,
    RefusalKind,
    RoadMatch,
    Zone,
)

KINDS = {
    "policy": RefusalKind.POLICY,
    "unavailable": RefusalKind.NO_PROVIDER,
    "ability": RefusalKind.CAPABILITY,
    "health": RefusalKind.HEALTH,
    "budget": RefusalKind.BUDGET,
}
# The constraint that came last removed the gears that were nearest to being taken.
NEAREST_FIRST = ("budget", "health", "ability", "unavailable", "policy")
MOST_NAMED = 3
NEXT_STEPS = {
    "policy": "Choose another profile, or name a gear that it allows.",
    "unavailable": "Add a provider key: clutch keys set NAME",
    "ability": "Remove the attachment or tools, or add a provider whose models can take them.",
    "health": "Wait a little, or see the health page for what is wrong.",
    "budget": "Grant more on the budgets page, or with: clutch budget grant",
}


def for_pin(
    pinned: Candidate, leg: Leg, match: RoadMatch, weighed: tuple[Candidate, ...]
) -> Refusal:
    """A pin is never silently overruled: say why it cannot be, and let the person choose."""
    budget = leg.binding(pinned.gear)
    message = _pin_message(pinned, weighed)
    if pinned.constraint == "budget" and budget is not None:
        message = f"{message} {fuel.refusal(budget)}"
    return Refusal(
        kind=KINDS[pinned.constraint],
        message=message,
        next_step=f"Let it choose for you. Or: {NEXT_STEPS[pinned.constraint]}",
        candidates=weighed,
        match=match,
        features=leg.features,
        zone=leg.zone_for(pinned.gear),
        budget=budget,
    )


def for_none(leg: Leg, match: RoadMatch, weighed: tuple[Candidate, ...]) -> Refusal:
    by_constraint = {
        constraint: [c for c in weighed if c.constraint == constraint] for constraint in KINDS
    }
    nearest = next((name for name in NEAREST_FIRST if by_constraint[name]), "unavailable")
    first = min(by_constraint[nearest], key=_place, default=None)
    budget = leg.binding(first.gear) if first else None
    message = _message(first, weighed, budget if nearest == "budget" else None)
    return Refusal(
        kind=KINDS[nearest],
        message=message,
        next_step=NEXT_STEPS[nearest],
        candidates=weighed,
        match=match,
        features=leg.features,
        zone=leg.zone_for(first.gear) if first else Zone.GREEN,
        budget=budget,
    )


def _place(candidate: Candidate) -> tuple[int, int, str]:
    return candidate.gear.level, candidate.gear.order, candidate.gear.name


def _message(
    first: Candidate | None, weighed: tuple[Candidate, ...], budget: BudgetView | None
) -> str:
    if first is None:
        return "No gear is set up."
    if budget is not None:
        whose = fuel.refusal(budget).rstrip(".")
        whose = whose[0].lower() + whose[1:]
        return f"No gear fits the budget: {whose}; {_still_works(weighed)}."
    return f"No gear can take this task; {first.gear.name}, for one: {first.left_out}."


def _pin_message(pinned: Candidate, weighed: tuple[Candidate, ...]) -> str:
    why = pinned.left_out.rstrip(".")
    if pinned.constraint == "budget":
        why = f"{why}; {_still_works(weighed)}"
    return f"{pinned.gear.name} cannot take this: {why}."


def _still_works(weighed: tuple[Candidate, ...]) -> str:
    """The gears that could take the task all the same, cheapest levels first."""
    fitting = sorted((each for each in weighed if each.fits), key=_place)
    if fitting:
        names = ", ".join(f"G{each.gear.level} {each.gear.name}" for each in fitting[:MOST_NAMED])
        return f"{names} still work" if len(fitting) > 1 else f"{names} still works"
    if any(each.gear.is_free and not each.gear.is_demo for each in weighed):
        return "free and local gears are not stopped by it, but none can take this now"
    return "free and local gears would still work, but none is set up"
