"""Circuit breakers in the database: one state for all processes, one probe at a time."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from orchestrator.models import Breaker
from orchestrator.patterns.crew import LegRefused
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import AuthError, ProviderError, QuotaExhausted
from orchestrator.routing import health
from orchestrator.routing.types import BreakerState, Fleet, GearSpec
from orchestrator.services.setup import fleet

FATAL = (AuthError, QuotaExhausted)
# Two writers meet rarely; whoever loses this often has nothing new to say.
TRIES = 5


def fingerprint(spec: ProviderSpec) -> str:
    """Tells credentials apart without telling what they are."""
    return salted_hmac("breaker", spec.secret).hexdigest()[:16] if spec.secret else ""


def open_for(known: Fleet, now: datetime) -> Mapping[str, float]:
    """Gears that may not be called now, with the seconds until they may be probed."""
    waits: dict[str, float] = {}
    for row in Breaker.objects.exclude(state=BreakerState.CLOSED):
        admission = health.admit(_value(row), now.timestamp())
        if admission.is_admitted:
            continue
        for gear in known.gears:
            is_same = gear.provider == row.provider and gear.model_id == row.model_id
            if is_same and fingerprint(fleet.provider_spec(gear.provider)) == row.credential:
                waits[gear.name] = admission.retry_in_s
    return waits


def admit(gear: GearSpec, spec: ProviderSpec, now: datetime) -> None:
    """Pass, or raise `LegRefused`; of several who come to a half-open breaker one may probe."""
    row = _rows(gear, spec).first()
    if row is None or row.state == BreakerState.CLOSED:
        return
    admission = health.admit(_value(row), now.timestamp())
    if not admission.is_admitted or not _store(row, admission.breaker):
        raise LegRefused(
            "breaker",
            f"{gear.name} failed too often and is tried again in {admission.retry_in_s:.0f} s.",
            "Wait, or reset it on the health page.",
            can_shift=True,
        )


def record(gear: GearSpec, spec: ProviderSpec, error: ProviderError | None) -> None:
    """Tell the breaker how a call went. What the caller did wrong is not held against it."""
    if error is None:
        _change(gear, spec, health.succeeded, {"last_success_at": timezone.now()})
    elif error.counts_against_health:
        now = timezone.now()
        Breaker.objects.get_or_create(
            provider=gear.provider, model_id=gear.model_id, credential=fingerprint(spec)
        )
        notes = {
            "last_error_code": error.code,
            "last_error": error.message[:300],
            "last_error_at": now,
        }
        failure = health.Failure(
            is_fatal=isinstance(error, FATAL),
            retry_after_s=error.retry_after_s,
            cool_down_s=health.DEMO_COOL_DOWN_S if gear.is_demo else health.COOL_DOWN_S,
        )
        _change(
            gear,
            spec,
            lambda breaker: health.failed(breaker, now.timestamp(), failure),
            notes,
        )


def reset(provider: str = "", model_id: str = "") -> int:
    """By hand: everything, one provider, or one model."""
    rows = Breaker.objects.all()
    if provider:
        rows = rows.filter(provider=provider)
    if model_id:
        rows = rows.filter(model_id=model_id)
    return rows.delete()[0]


def _rows(gear: GearSpec, spec: ProviderSpec) -> QuerySet[Breaker]:
    return Breaker.objects.filter(
        provider=gear.provider, model_id=gear.model_id, credential=fingerprint(spec)
    )


def _change(
    gear: GearSpec,
    spec: ProviderSpec,
    change: Callable[[health.Breaker], health.Breaker],
    notes: Mapping[str, object],
) -> None:
    for _ in range(TRIES):
        row = _rows(gear, spec).first()
        if row is None:
            return
        before = _value(row)
        after = change(before)
        if (after == before and "last_error_at" not in notes) or _store(row, after, notes):
            return


def _store(
    row: Breaker, breaker: health.Breaker, notes: Mapping[str, object] | None = None
) -> bool:
    """Only if nobody changed it since it was read."""
    unchanged = Breaker.objects.filter(pk=row.pk, revision=row.revision)
    return bool(
        unchanged.update(
            state=breaker.state.value,
            consecutive_failures=breaker.consecutive_failures,
            window_started_at=_moment(breaker.window_started_s),
            window_failures=breaker.window_failures,
            times_opened=breaker.times_opened,
            open_until=_moment(breaker.open_until_s),
            probe_until=_moment(breaker.probe_until_s),
            revision=row.revision + 1,
            **(notes or {}),
        )
    )


def _value(row: Breaker) -> health.Breaker:
    return health.Breaker(
        state=BreakerState(row.state),
        consecutive_failures=row.consecutive_failures,
        window_started_s=_seconds(row.window_started_at),
        window_failures=row.window_failures,
        times_opened=row.times_opened,
        open_until_s=_seconds(row.open_until),
        probe_until_s=_seconds(row.probe_until),
    )


def _seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
