"""From a task and its options to what the engine is asked, on behalf of the owner."""

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestrator.routing.types import Pattern

if TYPE_CHECKING:
    from orchestrator.models import Trip
    from orchestrator.services.driving.requests import TripRequest
    from orchestrator.services.people.identity import Caller
    from orchestrator.services.runs.orders import Order

FIXED = ("gear", "provider", "road", "throttle", "pattern", "max_output_tokens")
NAMED = ("system", "profile", "policy")
OF_RUNS = ("plan", "items", "cap")


def request_for(task: str, options: dict[str, Any]) -> "TripRequest":
    from orchestrator.services.driving import requests

    if unknown := sorted(options.keys() - {*FIXED, *NAMED, *OF_RUNS}):
        known = ", ".join((*FIXED, *NAMED, *OF_RUNS))
        raise TypeError(f"There is no option {unknown[0]!r}. There are: {known}.")
    named = {name: options[name] for name in NAMED if name in options}
    return requests.from_text(task, overrides=requests.overrides_from(options), **named)


def run_order(task: str, options: dict[str, Any]) -> "Order | None":
    """What is asked for as a run of several calls, or None for a single answer."""
    from orchestrator.services.runs.orders import Order

    pattern, plan = options.get("pattern"), options.get("plan")
    if plan is not None and not pattern:
        pattern, plan = plan.get("pattern"), {k: v for k, v in plan.items() if k != "pattern"}
    if pattern in (None, "single"):
        return None
    request = replace(request_for(task, {**options, "pattern": pattern}), run=plan)
    items = tuple(options.get("items") or ())
    return Order(Pattern(pattern), request, items, nano(options.get("cap")))


def nano(dollars: float | Decimal | None) -> int | None:
    from orchestrator.services.money import budgets

    return None if dollars is None else budgets.parse_usd(str(dollars))


def own_trip(name: str) -> "Trip":
    from orchestrator.models import Trip

    return Trip.objects.select_related("payload").get(pk=name, user_id=caller().user_id)


def caller() -> "Caller":
    from orchestrator.models import Trip
    from orchestrator.services.people import signin
    from orchestrator.services.people.identity import Caller

    owner = signin.ensure_owner()
    return Caller(
        owner.pk, Trip.Source.LIBRARY, team_id=owner.current_team_id, is_owner_at_machine=True
    )
