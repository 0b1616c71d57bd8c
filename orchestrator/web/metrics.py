"""Numbers for Prometheus, in its text format."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from orchestrator.models import Alert, Breaker, Leg, Reservation, Trip
from orchestrator.routing.types import BreakerState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NANO_DIGITS = 9
Labels = Mapping[str, str]
Samples = Iterable[tuple[Labels, int | str]]


def text() -> str:
    legs = Leg.objects.order_by().values("gear", "state", "currency")
    rows = list(legs.annotate(number=Count("pk"), nano=Sum("cost_nano")))
    return "".join(
        (
            _metric("clutch_trips", "Trips by state.", _trips()),
            _metric("clutch_legs", "Provider calls by gear and state.", _legs(rows)),
            _metric("clutch_cost_usd", "Cost of all calls by currency.", _costs(rows)),
            _metric("clutch_reserved_usd", "Held for calls under way.", _reserved()),
            _metric("clutch_breakers_open", "Models that are not called now.", [({}, _open())]),
            _metric("clutch_alerts", "Alerts nobody dismissed.", [({}, _alerts())]),
        )
    )


def _metric(name: str, meaning: str, samples: Samples) -> str:
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
    lines += [f"{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _trips() -> Samples:
    rows = Trip.objects.order_by().values_list("state").annotate(number=Count("pk"))
    known = dict.fromkeys(Trip.State.values, 0) | dict(rows)
    return [({"state": state}, number) for state, number in known.items()]


def _legs(rows: Iterable[Mapping[str, object]]) -> Samples:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (str(row["gear"]), str(row["state"]))
        counts[key] = counts.get(key, 0) + int(str(row["number"]))
    return [({"gear": gear, "state": state}, number) for (gear, state), number in counts.items()]


def _costs(rows: Iterable[Mapping[str, object]]) -> Samples:
    sums: dict[str, int] = {"usd": 0}
    for row in rows:
        currency = str(row["currency"])
        sums[currency] = sums.get(currency, 0) + int(str(row["nano"] or 0))
    return [({"currency": currency}, _dollars(nano)) for currency, nano in sums.items()]


def _reserved() -> Samples:
    held = Reservation.objects.filter(state=Reservation.State.HELD).order_by()
    rows = held.values_list("currency").annotate(nano=Sum("amount_nano"))
    sums = {"usd": 0} | dict(rows)
    return [({"currency": currency}, _dollars(nano)) for currency, nano in sums.items()]


def _open() -> int:
    is_due = Q(open_until=None) | Q(open_until__gt=timezone.now())
    return Breaker.objects.filter(is_due).exclude(state=BreakerState.CLOSED).count()


def _alerts() -> int:
    return Alert.objects.filter(dismissed_at=None).count()


def _dollars(nano: int) -> str:
    return f"{Decimal(nano).scaleb(-NANO_DIGITS):f}"
