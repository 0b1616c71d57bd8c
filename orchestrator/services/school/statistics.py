"""Sums over trips and legs: one place, so that page, command line and API agree."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from orchestrator.models import Leg, Trip


def since(moment: datetime) -> dict[str, Any]:
    return {
        "since": moment.isoformat(),
        "totals": _totals(moment),
        "by_gear": _by_gear(moment),
        "by_road": _by_road(moment),
    }


TOKENS = ("input_tokens", "cached_input_tokens", "output_tokens")
FAILED = Q(state__in=[Trip.State.FAILED, Trip.State.STALLED])
HAS_BASELINE = Q(state=Trip.State.DONE, baseline_nano__isnull=False)


def _totals(moment: datetime) -> dict[str, dict[str, int]]:
    """Demo dollars never add up with real ones."""
    rows = Trip.objects.filter(created_at__gte=moment).values("currency")
    sums = rows.annotate(
        trips=Count("id"),
        failed=Count("id", filter=FAILED),
        answered_nano=Sum("cost_nano", filter=HAS_BASELINE),
        compared_nano=Sum("baseline_nano", filter=HAS_BASELINE),
        **_sums("cost_nano", *TOKENS),
    )
    return {row["currency"]: _total(row, moment) for row in sums.order_by("-currency")}


def _sums(*names: str) -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in names}


def _total(row: Mapping[str, Any], moment: datetime) -> dict[str, int]:
    legs = Leg.objects.filter(trip__created_at__gte=moment, currency=row["currency"])
    return {
        "trips": row["trips"],
        "failed": row["failed"],
        **{name: row[f"sum_{name}"] or 0 for name in ("cost_nano", *TOKENS)},
        "saved_nano": (row["compared_nano"] or 0) - (row["answered_nano"] or 0),
        "unmetered_legs": legs.filter(is_usage_estimated=True).count(),
    }


def _by_gear(moment: datetime) -> list[dict[str, Any]]:
    rows = Leg.objects.filter(trip__created_at__gte=moment).values("gear", "currency")
    summed = rows.annotate(
        legs=Count("id"),
        failed=Count("id", filter=Q(state=Leg.State.FAILED)),
        **_sums("cost_nano", *TOKENS),
    )
    return _dearest_first(summed)


def _by_road(moment: datetime) -> list[dict[str, Any]]:
    rows = Trip.objects.filter(created_at__gte=moment).exclude(road="").values("road", "currency")
    summed = rows.annotate(trips=Count("id"), **_sums("cost_nano"))
    return _dearest_first(summed)


def _dearest_first(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    plain = [{name.removeprefix("sum_"): value for name, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: -row["cost_nano"])
