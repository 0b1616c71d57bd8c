"""What a run will cost and take before it is started, for one plan and for all that suit a task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.patterns import cascade, plans, pricing
from orchestrator.patterns.plans import Cascade, Outline, Part, RunPlan
from orchestrator.patterns.pricing import Items
from orchestrator.routing.fuel import dollars
from orchestrator.routing.types import Candidate, Pattern, Plan, Refusal
from orchestrator.services.driving import planning, requests
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.people.identity import Caller

NO_ITEMS = Items()

SUITABLE = (Pattern.CONVOY, Pattern.TEAM, Pattern.CASCADE, Pattern.HYBRID)


class Undrivable(RequestRefused):
    """No gear may take a place of the plan; `code` is the kind of the refusal."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PlaceQuote:
    """One place of the plan, and the gear that would take it now."""

    place: Outline
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Quote:
    pattern: str
    estimate: pricing.Estimate
    places: tuple[PlaceQuote, ...]
    item_count: int = 0

    @property
    def cap_nano(self) -> int:
        return self.estimate.cap_nano

    @property
    def cap_dollars(self) -> str:
        return dollars(self.cap_nano)

    @property
    def is_demo(self) -> bool:
        return any(each.candidate.gear.is_demo for each in self.places)

    @property
    def line(self) -> str:
        """The quote in one sentence, the same wherever it is shown."""
        one = self.estimate
        calls = (
            f"{one.calls:,}" if one.calls == one.most_calls else f"{one.calls:,}–{one.most_calls:,}"
        )
        demo = " demo dollars" if self.is_demo else ""
        cost = (
            f"{dollars(one.low_nano)} to {dollars(one.high_nano)}{demo}"
            if one.high_nano
            else "free"
        )
        return f"{calls} calls · {cost} · about {duration(one.seconds)}"


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def of(caller: Caller, request: TripRequest, plan: RunPlan, items: Items = NO_ITEMS) -> Quote:
    """For a request that is complete. Raises `RequestRefused` where no gear may take a place."""
    world = _World(caller, request)
    chosen = world.gears_for(plan)
    return Quote(
        plans.pattern_of(plan),
        pricing.estimate(plan, {each.place.path: each.candidate for each in chosen}, items),
        chosen,
        items.count,
    )


def beside(caller: Caller, request: TripRequest, receipt: Mapping[str, Any]) -> Quote | None:
    """What the whole run costs that a receipt decides on; None for a single answer."""
    if receipt["refused"] or receipt["pattern"] == Pattern.SINGLE:
        return None
    parted = requests.parted(request)
    plan = requests.run_plan(Pattern(receipt["pattern"]), parted)
    return None if plan is None else of(caller, parted, plan)


def suitable(caller: Caller, request: TripRequest) -> tuple[Quote, ...]:
    """The patterns that any task can be driven with, each with its usual plan."""
    found = []
    for pattern in SUITABLE:
        plan = requests.run_plan(pattern, request)
        if plan is not None:
            found.append(of(caller, request, plan))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _World:
    """Decisions for the places of one plan; places that ask for nothing share one."""

    caller: Caller
    request: TripRequest

    def gears_for(self, plan: RunPlan) -> tuple[PlaceQuote, ...]:
        known: dict[tuple[Any, ...], Plan] = {}
        found = []
        for place in self._places(plan):
            wish = (place.part.gear, place.part.throttle, place.part.strength)
            if wish not in known:
                known[wish] = self._decide(place)
            found.append(PlaceQuote(place, known[wish].chosen))
        return tuple(found)

    def _places(self, plan: RunPlan) -> tuple[Outline, ...]:
        """A cascade that names no gears asks those of the run's own decision, cheap ones first."""
        if not isinstance(plan, Cascade) or plan.gears:
            return plans.places(plan)
        decision = self._decide(Outline("", Part("")))
        names = cascade.cheapest((decision.chosen, *decision.fallbacks))
        return plans.places(Cascade(tuple(names)))

    def _decide(self, place: Outline) -> Plan:
        wanted = planning.for_part(self.request, place.part)
        decision = planning.decide(self.caller, wanted, seed=f"quote {place.name}")
        if isinstance(decision, Refusal):
            where = f"{place.name}: " if place.name else ""
            why = f"{where}{decision.message} {decision.next_step}".strip()
            raise Undrivable(why, decision.kind.value)
        return decision


def document(quote: Quote) -> dict[str, Any]:
    one = quote.estimate
    return {
        "pattern": quote.pattern,
        "line": quote.line,
        "calls": one.calls,
        "most_calls": one.most_calls,
        "low_nano": one.low_nano,
        "high_nano": one.high_nano,
        "seconds": round(one.seconds, 1),
        "cap_nano": quote.cap_nano,
        "is_demo": quote.is_demo,
        "items": quote.item_count,
        "places": [
            {
                "path": each.place.path,
                "name": each.place.name,
                "lane": each.place.lane,
                "gear": each.candidate.gear.name,
                "level": each.candidate.gear.level,
                "throttle": each.candidate.setting.throttle,
            }
            for each in quote.places
        ],
    }
