"""Ordering a run: what is to be driven, checked whole, priced, and started with a hard cap."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from uuid import UUID

from orchestrator.models import Trip
from orchestrator.patterns import plans
from orchestrator.patterns.plans import RunPlan, Swarm
from orchestrator.patterns.plans.outline import swarm_path
from orchestrator.patterns.pricing import Items
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import planning, quotes, requests, steps, trips
from orchestrator.services.driving.quotes import Quote
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet


@dataclass(frozen=True, slots=True)
class Order:
    """`items` are those of a swarm, or of a hybrid whose first phase is one."""

    pattern: Pattern
    request: TripRequest
    items: tuple[str, ...] = ()
    cap_nano: int | None = None


def plan_of(order: Order) -> RunPlan:
    """What will be driven. Raises `RequestRefused` with what to change."""
    plan = requests.run_plan(order.pattern, complete(order))
    if plan is None:
        raise RequestRefused("A single answer is no run. Choose convoy, team, swarm or hybrid.")
    _check_gears(plan)
    if isinstance(plan, Swarm) and not (plan.items or order.items):
        raise RequestRefused("A swarm needs items: one per line, or a file with them.")
    return plan


def complete(order: Order) -> TripRequest:
    """The request with its pattern fixed, and items where a hybrid's first phase needs them."""
    overrides = replace(order.request.overrides, pattern=order.pattern)
    request = replace(order.request, overrides=overrides)
    if order.pattern is Pattern.SWARM and request.run is None:
        request = replace(request, run={})  # its items stand beside it
    if not order.items:
        return request
    try:
        plans.check_items(order.items)
    except plans.InvalidPlan as error:
        raise RequestRefused(str(error)) from error
    if order.pattern is Pattern.HYBRID and request.run is not None:
        return replace(request, run=requests.with_items(request.run, order.items))
    return request


def _check_gears(plan: RunPlan) -> None:
    known = [gear.name for gear in fleet.snapshot().gears]
    for place in plans.places(plan):
        if place.part.gear and place.part.gear not in known:
            near = get_close_matches(place.part.gear, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else " See: clutch gears"
            raise RequestRefused(
                f"{place.name} asks for the gear {place.part.gear!r}, and there is none.{hint}"
            )


def quote(caller: Caller, order: Order) -> Quote:
    """What it will cost and take. Raises `RequestRefused` where it cannot be driven."""
    items = Items(len(order.items), sum(map(len, order.items)))
    return quotes.of(caller, planning.complete(caller, complete(order)), plan_of(order), items)


def others(caller: Caller, order: Order) -> list[Quote]:
    """What the same task would cost with the usual plan of another pattern."""
    if order.items:
        return []
    overrides = replace(order.request.overrides, pattern=None)
    task = planning.complete(caller, replace(order.request, run=None, overrides=overrides))
    return [each for each in quotes.suitable(caller, task) if each.pattern != order.pattern.value]


def start(
    caller: Caller,
    order: Order,
    *,
    conversation_id: UUID | None = None,
    idempotency_key: str = "",
) -> Trip:
    """Accept the run. Without a cap it gets the one that its quote proposes."""
    plan = plan_of(order)
    cap_nano = quote(caller, order).cap_nano if order.cap_nano is None else order.cap_nano
    return trips.start(
        caller,
        complete(order),
        conversation_id=conversation_id,
        idempotency_key=idempotency_key,
        run=trips.RunTerms(
            pattern=order.pattern,
            cap_nano=cap_nano,
            items=_laid_out(plan, order.items),
        ),
    )


def _laid_out(plan: RunPlan, items: tuple[str, ...]) -> steps.Items | None:
    """The items of a lone swarm stand beside its plan from the beginning."""
    if not isinstance(plan, Swarm):
        return None
    return steps.Items(swarm_path(""), plan.each.name, plan.items or items)
