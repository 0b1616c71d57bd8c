"""What the health page tells: figures of the last day, and what to do about each bad line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Max, Min, Q, QuerySet, Sum, Value, When

from orchestrator.models import Breaker, Leg, Provider, Setting, Trip
from orchestrator.services.reports import latency
from orchestrator.services.upkeep import schema

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LATE = timedelta(minutes=1)
LOW_BYTES = 200 * 1024 * 1024
# Below this many calls a share of failures says too little.
MIN_CALLS = 5
BAD_SHARE = 0.2
RATE_LIMITED = "rate_limited"
MANY_LIMITED = 5
LAST_CHECK = "last_check"
KEPT_BREACHES = 20

TO_DO = {
    "auth": "The key was refused. Put in a new one under Settings, then try again.",
    "quota": "The account has no credit left. Top it up at the provider, then try again.",
    RATE_LIMITED: "Too much was asked at once. Wait, or set requests per minute for the provider.",
    "overloaded": "The provider is overloaded. Other models answer meanwhile; wait.",
    "busy": "It is busy with other work. Wait, or let it do less at once.",
    "timed_out": "It does not answer in time. Look at the provider's status page, or wait.",
    "unreachable": "It cannot be reached. Check the network, a proxy and the address.",
    "model_not_found": "There is no such model. Check the model's id, or disable the gear.",
}
WAIT = "It is tried again by itself; after you mended the cause, try it now."
START_LOCAL = "Start the local server, then look for it again under Settings."
ALERTS_TO_DO = {
    "token_explosion": "Lower the throttle or ask for a shorter answer; look at the trip first.",
    "overkill": "Compare with the cheaper gear; “Always for tasks like this” makes a rule of it.",
}


def to_do_for_error(code: str) -> str:
    return TO_DO.get(code, WAIT)


def to_do_for_provider(provider: Provider) -> str:
    """One that was never set up says by itself what it needs."""
    if provider.reach != Provider.Reach.DOWN:
        return ""
    return START_LOCAL if provider.is_local else TO_DO["unreachable"]


@dataclass(frozen=True, slots=True)
class GearLine:
    """A gear's calls of the last day."""

    gear: str
    provider: str
    calls: int
    failed: int
    limited: int
    p50_s: float | None
    p95_s: float | None

    @property
    def failed_share(self) -> float:
        return self.failed / self.calls if self.calls else 0.0

    @property
    def is_bad(self) -> bool:
        return self.calls >= MIN_CALLS and self.failed_share >= BAD_SHARE

    @property
    def to_do(self) -> str:
        if self.limited >= MANY_LIMITED:
            return TO_DO[RATE_LIMITED]
        return "See its last errors under the trips that failed." if self.is_bad else ""


def gears(now: datetime) -> list[GearLine]:
    """By the trips of the last day: calls themselves have no index by time."""
    recent = Leg.objects.filter(trip__created_at__gte=now - DAY).order_by()
    rows = recent.values("gear", "provider").annotate(
        calls=Count("pk"),
        failed=Count("pk", filter=Q(state=Leg.State.FAILED)),
        limited=Count("pk", filter=Q(error_code=RATE_LIMITED)),
        **{name: _took(low, high) for name, low, high in latency.bounds()},
    )
    return sorted((_line(row) for row in rows), key=lambda line: (-line.failed, line.gear))


def _line(row: Mapping[str, Any]) -> GearLine:
    took = [row[name] for name in latency.NAMES]
    p50_s, p95_s = (latency.percentile_s(took, share) for share in (0.5, 0.95))
    known = {name: row[name] for name in ("gear", "provider", "calls", "failed", "limited")}
    return GearLine(**known, p50_s=p50_s, p95_s=p95_s)


def _took(low: timedelta | None, high: timedelta | None) -> Sum:
    within = Q(state=Leg.State.DONE, seconds__isnull=False)
    if low is not None:
        within &= Q(seconds__gte=low.total_seconds())
    if high is not None:
        within &= Q(seconds__lt=high.total_seconds())
    return Sum(Case(When(within, then=Value(1)), default=Value(0)))


@dataclass(frozen=True, slots=True)
class Queue:
    queued: int
    driving: int
    paused: int
    waits_s: float

    @property
    def to_do(self) -> str:
        if self.waits_s < LATE.total_seconds():
            return ""
        return "Trips wait for a worker. Look whether one runs, or set CLUTCH_WORKERS higher."


def queue(now: datetime) -> Queue:
    """One query, along the index of what has not ended."""
    open_states = (Trip.State.QUEUED, Trip.State.DRIVING, Trip.State.PAUSED)
    rows = Trip.objects.filter(state__in=open_states).exclude(state=Trip.State.DONE).order_by()
    counted = rows.values_list("state").annotate(number=Count("pk"), oldest=Min("created_at"))
    found = {state: (number, oldest) for state, number, oldest in counted}
    queued, driving, paused = (found.get(state, (0, now))[0] for state in open_states)
    oldest = found.get(Trip.State.QUEUED, (0, now))[1]
    return Queue(queued, driving, paused, (now - oldest).total_seconds())


def waiting(trips: "QuerySet[Trip]", most: int = 10) -> list[Trip]:
    return list(trips.filter(state=Trip.State.QUEUED).order_by("created_at")[:most])


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about the installation; a bad one says what to do."""

    subject: str
    text: str
    to_do: str = ""


def facts() -> Iterator[Fact]:
    free = schema.free_bytes()
    is_low = free < LOW_BYTES
    low = "Make room on the disk; what cannot be kept is refused." if is_low else ""
    yield Fact("Disk", f"{free // 1024 // 1024:,} MiB free", low)
    if (file := schema.database_file()) is not None and file.exists():
        yield Fact("Database", f"{file.stat().st_size // 1024 // 1024:,} MiB")
    else:
        yield Fact("Database", "PostgreSQL")
    yield Fact("Queue", "in this process" if settings.IS_EMBEDDED else "Redis")
    last = Breaker.objects.aggregate(last=Max("last_error_at"))["last"]
    yield Fact("Last failure of a provider", f"{last:%-d %b %H:%M}" if last else "none")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the doctor's checks of the books found, and when."""

    at: datetime | None
    breaches: tuple[dict[str, Any], ...] = ()

    @property
    def to_do(self) -> str:
        if not self.breaches:
            return ""
        return "Money or logs do not tie. Run: clutch doctor --invariants, and keep a backup."


def keep_check(found: list[dict[str, Any]], at: datetime) -> None:
    """What the checks found, for the page."""
    value = {"at": at.isoformat(), "breaches": found[:KEPT_BREACHES]}
    Setting.objects.update_or_create(name=LAST_CHECK, defaults={"value": value})


def last_check() -> Checked:
    row = Setting.objects.filter(name=LAST_CHECK).first()
    if row is None:
        return Checked(None)
    return Checked(datetime.fromisoformat(row.value["at"]), tuple(row.value["breaches"]))
