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


def _totals(moment: datetime) -> dict[str, dict[str, int]]:
    """Demo dollars never add up with real ones."""
    rows = Trip.objects.filter(created_at__gte=moment).values("currency")
    sums = rows.annotate(
        trips=Count("id"),
        cost_nano=Sum("cost_nano"),
        input_tokens=Sum("input_tokens"),
        cached_input_tokens=Sum("cached_input_tokens"),
        output_tokens=Sum("output_tokens"),
        failed=Count("id", filter=Q(state__in=[Trip.State.FAILED, Trip.State.STALLED])),
        done_nano=Sum("cost_nano", filter=_has_baseline()),
        baseline_nano=Sum("baseline_nano", filter=_has_baseline()),
    )
    return {row["currency"]: _total(row, moment) for row in sums.order_by("-currency")}


def _has_baseline() -> Q:
    return Q(state=Trip.State.DONE, baseline_nano__isnull=False)


def _total(row: Mapping[str, Any], moment: datetime) -> dict[str, int]:
    legs = Leg.objects.filter(trip__created_at__gte=moment, currency=row["currency"])
    return {
        "trips": row["trips"],
        "failed": row["failed"],
        "cost_nano": row["cost_nano"] or 0,
        "input_tokens": row["input_tokens"] or 0,
        "cached_input_tokens": row["cached_input_tokens"] or 0,
        "output_tokens": row["output_tokens"] or 0,
        "saved_nano": (row["baseline_nano"] or 0) - (row["done_nano"] or 0),
        "unmetered_legs": legs.filter(is_usage_estimated=True).count(),
    }


def _by_gear(moment: datetime) -> list[dict[str, Any]]:
    rows = Leg.objects.filter(trip__created_at__gte=moment).values("gear", "currency")
    return _plain(
        rows.annotate(
            legs=Count("id"),
            failed=Count("id", filter=Q(state=Leg.State.FAILED)),
            input_tokens=Sum("input_tokens"),
            output_tokens=Sum("output_tokens"),
            cost_nano=Sum("cost_nano"),
        ).order_by("-cost_nano", "gear")
    )


def _by_road(moment: datetime) -> list[dict[str, Any]]:
    rows = Trip.objects.filter(created_at__gte=moment).exclude(road="").values("road", "currency")
    return _plain(
        rows.annotate(trips=Count("id"), cost_nano=Sum("cost_nano")).order_by("-cost_nano", "road")
    )


def _plain(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]
