"""What is counted, and by what: the one list that sums, reports and checks are made from."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from orchestrator.models import Leg, Outcome, Trip, UsageDay
from orchestrator.services.reports import latency

Grain = UsageDay.Grain
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    Grain.PEOPLE.name: ("day", "currency", "user_id", "team_id"),
    Grain.FLEET.name: ("day", "currency", "team_id", "gear", "provider", "road", "pattern"),
    Grain.WHOLE.name: (
        *("day", "currency", "user_id", "team_id", "gear", "provider", "road", "pattern"),
        *("token_id", "prompt_id", "profile", "tags"),
    ),
}
TRIP_MEASURES = (
    *("trips", "done", "failed", "stopped", "by_hand"),
    *("compared", "compared_nano", "baseline_nano"),
    *("compared_input_tokens", "compared_cached_tokens"),
    *("compared_written_tokens", "compared_output_tokens"),
)
LEG_MEASURES = (
    *("calls", "failed_calls", "estimated_calls", "cost_nano"),
    *("input_tokens", "cached_input_tokens", "cache_write_tokens"),
    *("output_tokens", "reasoning_tokens"),
)
VOTES = ("good", "bad", "overkill", "too_slow", "corrected")
MEASURES = (*TRIP_MEASURES, *LEG_MEASURES, *VOTES, *latency.NAMES)

DONE = Q(state=Trip.State.DONE)
FAILED = Q(state__in=[Trip.State.FAILED, Trip.State.STALLED])
COMPARED = DONE & Q(baseline_nano__isnull=False)
TOOK: Combinable = ExpressionWrapper(
    F("finished_at") - F("started_at"), output_field=DurationField()
)


def _provider_of(trip: str, gear: str) -> Combinable:
    """Where the chosen gear was called; kept with the call, because gears move and are removed.

    The largest name instead of the newest call: an order by id would walk all calls of the gear.
    """
    legs = Leg.objects.filter(trip=OuterRef(trip), gear=OuterRef(gear)).order_by()
    named = legs.values("trip").annotate(name=Max("provider")).values("name")
    return Coalesce(Subquery(named), Value(""))


PROVIDER = _provider_of("pk", "gear")
PROVIDER_OF_TRIP = _provider_of("trip_id", "trip__gear")


def total(name: str) -> Combinable:
    return Coalesce(Sum(name), Value(0))


def of_trips(trips: "QuerySet[Trip]") -> tuple["QuerySet[Any]", tuple[str, ...]]:
    """Sums by every dimension, in the order of the names that come with them."""
    sums: dict[str, Any] = {
        "trips": Count("pk"),
        "done": Count("pk", filter=DONE),
        "failed": Count("pk", filter=FAILED),
        "stopped": Count("pk", filter=Q(state=Trip.State.STOPPED)),
        "by_hand": Count("pk", filter=Q(is_by_hand=True)),
        "compared": Count("pk", filter=COMPARED),
        "compared_nano": _sum("cost_nano", COMPARED),
        "baseline_nano": _sum("baseline_nano", COMPARED),
        "compared_input_tokens": _sum("input_tokens", COMPARED),
        "compared_cached_tokens": _sum("cached_input_tokens", COMPARED),
        "compared_written_tokens": _sum("cache_write_tokens", COMPARED),
        "compared_output_tokens": _sum("output_tokens", COMPARED),
    }
    sums |= {name: _took(low, high) for name, low, high in latency.bounds()}
    dimensions = {
        name: F(name) for name in DIMENSIONS["WHOLE"] if name not in ("day", "provider")
    } | {"provider": PROVIDER}
    return _grouped(trips.annotate(took=TOOK), dimensions, sums)


def of_legs(legs: "QuerySet[Leg]") -> tuple["QuerySet[Any]", tuple[str, ...]]:
    sums: dict[str, Any] = {
        "calls": Count("pk"),
        "failed_calls": Count("pk", filter=Q(state=Leg.State.FAILED)),
        "estimated_calls": Count("pk", filter=Q(is_usage_estimated=True)),
        **{name: total(name) for name in LEG_MEASURES[3:]},
    }
    own = ("gear", "provider", "currency")
    dimensions = {name: F(name) for name in own}
    dimensions |= {
        name: F(f"trip__{name}") for name in DIMENSIONS["WHOLE"] if name not in (*own, "day")
    }
    return _grouped(legs, dimensions, sums)


def of_votes(votes: "QuerySet[Outcome]") -> tuple["QuerySet[Any]", tuple[str, ...]]:
    sums = {kind: Count("pk", filter=Q(kind=kind)) for kind in VOTES}
    dimensions: dict[str, Any] = {
        name: F(f"trip__{name}") for name in DIMENSIONS["WHOLE"] if name not in ("day", "provider")
    }
    return _grouped(votes, dimensions | {"provider": PROVIDER_OF_TRIP}, sums)


def of_sums(rows: "QuerySet[UsageDay]", grain: str) -> tuple["QuerySet[Any]", tuple[str, ...]]:
    """A coarser grain of what is summed already."""
    names = [name for name in DIMENSIONS[grain] if name != "day"]
    return _grouped(
        rows, {name: F(name) for name in names}, {name: total(name) for name in MEASURES}
    )


def _sum(name: str, only: Q) -> Combinable:
    return Coalesce(Sum(name, filter=only), Value(0))


def _took(low: timedelta | None, high: timedelta | None) -> Combinable:
    within = DONE & Q(started_at__isnull=False, finished_at__isnull=False)
    if low is not None:
        within &= Q(took__gte=low)
    if high is not None:
        within &= Q(took__lt=high)
    return Sum(Case(When(within, then=Value(1)), default=Value(0)))


def _grouped(
    rows: "QuerySet[Any]", dimensions: Mapping[str, Any], sums: Mapping[str, Any]
) -> tuple["QuerySet[Any]", tuple[str, ...]]:
    """Aliases of their own, because a sum may not be called like a column."""
    by = {f"d_{name}": column for name, column in dimensions.items()}
    summed = {f"m_{name}": column for name, column in sums.items()}
    found = rows.order_by().values(**by).annotate(**summed).values_list(*by, *summed)
    return found, (*dimensions, *sums)
