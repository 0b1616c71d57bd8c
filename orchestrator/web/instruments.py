"""The instruments of the dashboard: budget left, models on offer, speed of the last answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string

from orchestrator.models import Currency, Leg, Trip, User
from orchestrator.routing.types import GearSpec, Zone, ZoneTable
from orchestrator.services.money import gauges, zones
from orchestrator.services.money.gauges import Gauge
from orchestrator.services.setup import fleet
from orchestrator.web import dials
from orchestrator.web.access import own_trips
from orchestrator.web.dials import Needle, Segment, Tick

LEVELS = range(1, 6)


@dataclass(frozen=True, slots=True)
class FuelDial:
    gauge: Gauge
    segments: tuple[Segment, ...]
    ticks: tuple[Tick, ...]
    needle: Needle

    @property
    def percent_left(self) -> int:
        return max(0, 100 - self.gauge["used_percent"])


@dataclass(frozen=True, slots=True)
class GearCell:
    level: int
    titles: str
    closed_because: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Speed:
    needle: Needle
    track: str
    tokens_per_s: int | None
    first_token_s: float | None


@dataclass(frozen=True, slots=True)
class Cluster:
    fuel: FuelDial | None
    gears: tuple[GearCell, ...]
    last_leg: Leg | None
    speed: Speed


def cluster(user: User, currency: str) -> Cluster:
    gauge = gauges.for_user_id(user.pk, user.current_team_id, currency=currency)
    leg = _last_leg(own_trips(user))
    cap = gauge["max_level"] if gauge else LEVELS[-1]
    return Cluster(
        fuel=fuel_dial(gauge) if gauge else None,
        gears=gear_cells(_usable(is_demo=currency == Currency.DEMO), cap, leg),
        last_leg=leg,
        speed=speed(leg),
    )


@dataclass(frozen=True, slots=True)
class Compact:
    """The cluster as one line in the head of the chat."""

    gauge: Gauge | None
    leg: Leg | None


def compact(user: User, currency: str = "") -> Compact:
    gauge = gauges.for_user_id(
        user.pk, user.current_team_id, currency=currency or fleet.currency_now()
    )
    return Compact(gauge, _last_leg(own_trips(user)))


def rendered(user_id: int, view: str) -> str:
    """A view of the gauges for pages that are already open."""
    user = User.objects.get(pk=user_id)
    content = VIEWS[view](user)
    return render_to_string(f"{view}.html", {view: content})


def fuel_dial(gauge: Gauge, table: ZoneTable | None = None) -> FuelDial:
    table = table or zones.table()
    bounds = (0, table.green_below, table.yellow_below, table.orange_below, 100)
    parts = zip(Zone, bounds[:-1], bounds[1:], strict=True)
    return FuelDial(
        gauge=gauge,
        segments=tuple(
            dials.segment(
                zone.value, 1 - end / 100, 1 - start / 100, is_active=zone == gauge["zone"]
            )
            for zone, start, end in parts
        ),
        ticks=tuple(dials.tick(1 - used / 100, f"{used} %") for used in bounds[1:-1]),
        needle=dials.needle(1 - gauge["used_percent"] / 100),
    )


def gear_cells(gears: Iterable[GearSpec], cap: int, leg: Leg | None) -> tuple[GearCell, ...]:
    by_level: dict[int, list[GearSpec]] = {level: [] for level in LEVELS}
    for gear in gears:
        by_level[gear.level].append(gear)
    return tuple(
        GearCell(
            level=level,
            titles=", ".join(gear.title or gear.name for gear in found),
            closed_because=_closed_because(level, cap, found),
            is_current=leg is not None and leg.level == level,
        )
        for level, found in by_level.items()
    )


def _closed_because(level: int, cap: int, gears: list[GearSpec]) -> str:
    """What the budget closes stays open where a model of that level costs nothing."""
    if not gears:
        return "no model is set up for it"
    if level <= cap or any(gear.is_free for gear in gears):
        return ""
    return f"the budget allows up to G{cap}" if cap else "the budget allows what costs nothing"


def _usable(*, is_demo: bool) -> Iterator[GearSpec]:
    missing = fleet.availability()
    for gear in fleet.snapshot().gears:
        is_there = gear.name not in missing and gear.provider not in missing
        if is_there and gear.is_demo == is_demo and not gear.is_agentic:
            yield gear


def speed(leg: Leg | None) -> Speed:
    """At rest; what the last answer did stands beside it."""
    per_s = None
    if leg is not None and leg.seconds and leg.output_tokens:
        writing_s = max(leg.seconds - (leg.first_token_s or 0), 0.001)
        per_s = round(leg.output_tokens / writing_s)
    return Speed(
        needle=dials.needle(0),
        track=dials.arc(0, 1),
        tokens_per_s=per_s,
        first_token_s=leg.first_token_s if leg else None,
    )


VIEWS: Mapping[str, Callable[[User], Any]] = {
    "gauge": compact,
    "cluster": lambda user: cluster(user, fleet.currency_now()),
}


def _last_leg(found: QuerySet[Trip]) -> Leg | None:
    return Leg.objects.filter(trip__in=found, state=Leg.State.DONE).order_by("-pk").first()
