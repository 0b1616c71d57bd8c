"""A brake on guessing: attempts counted in the database, so that every process sees the same."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from orchestrator.models import AttemptCount


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts in a window that begins with the first of them."""

    name: str
    most: int
    window_s: int


def may_try(limits: Iterable[Limit], now: datetime) -> bool:
    """Count an attempt before it is checked; False when there were too many."""
    counts = [(_count(limit, now), limit.most) for limit in limits]
    return all(count <= most for count, most in counts)


def forgive(limits: Iterable[Limit]) -> None:
    AttemptCount.objects.filter(key__in=[_key(limit) for limit in limits]).delete()


def _count(limit: Limit, now: datetime) -> int:
    key, ends_at = _key(limit), now + timedelta(seconds=limit.window_s)
    with transaction.atomic():
        AttemptCount.objects.filter(window_ends_at__lte=now).delete()
        AttemptCount.objects.bulk_create(
            [AttemptCount(key=key, window_ends_at=ends_at)], ignore_conflicts=True
        )
        same = AttemptCount.objects.filter(key=key)
        same.update(count=F("count") + 1)
        return same.values_list("count", flat=True).get()


def _key(limit: Limit) -> str:
    """Names and addresses of people are not kept for this."""
    return hashlib.sha256(limit.name.encode("utf-8", "surrogatepass")).hexdigest()
