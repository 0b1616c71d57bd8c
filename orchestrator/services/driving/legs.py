"""Opening and closing one provider call: its row, its money, its effect on the breakers."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orchestrator.models import Leg, Reservation, Trip
from orchestrator.patterns.crew import LegRefused, LegResult
from orchestrator.patterns.events import LegFinished
from orchestrator.providers import registry
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.vocabulary import ModelRequest, Usage
from orchestrator.routing import money
from orchestrator.routing.types import Candidate
from orchestrator.services.driving import alerts, breakers
from orchestrator.services.money import ledger
from orchestrator.services.money.ledger import BudgetExhausted
from orchestrator.services.setup import fleet, options

# A hold outlives any attempt (10 minutes) and the lease that would renew it.
HOLD = timedelta(minutes=15)
# Delivered characters per token when the provider never told: low, so that we never book less
# than was delivered.
CHARS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Opened:
    leg_id: UUID
    spec: ProviderSpec
    request: ModelRequest
    timeouts: Timeouts


def open_leg(
    trip: Trip, path: str, candidate: Candidate, attempt: int, request: ModelRequest
) -> Opened:
    """Write the leg and hold its worst case; raises `LegRefused` and leaves nothing behind."""
    gear = candidate.gear
    spec = fleet.provider_spec(gear.provider)
    registry.load(spec.kind)  # here in a thread: a vendor's SDK takes seconds to import
    now = timezone.now()
    # a trip that is driven again after a crash goes on counting
    before = Leg.objects.filter(trip=trip, path=path).count() if trip.attempts > 1 else 0
    usual = alerts.expected_output_tokens(trip.road, gear.name)
    with transaction.atomic():
        breakers.admit(gear, spec, now)
        leg = Leg.objects.create(
            trip=trip,
            path=path,
            attempt=before + attempt,
            gear=gear.name,
            level=gear.level,
            provider=gear.provider,
            model_id=gear.model_id,
            throttle=candidate.setting.throttle,
            setting=asdict(candidate.setting),
            started_at=now,
            currency=_currency(candidate),
            expected_output_tokens=usual,
            price_version=gear.prices.version if gear.prices else "",
        )
        try:
            ledger.reserve(_hold(trip, leg, candidate))
        except BudgetExhausted as refusal:
            raise LegRefused("budget", refusal.message, can_shift=True) from refusal
    return Opened(leg.pk, spec, fit(request, candidate), timeouts_for(candidate))


def _currency(candidate: Candidate) -> str:
    return "demo" if candidate.gear.is_demo else "usd"


def _hold(trip: Trip, leg: Leg, candidate: Candidate) -> ledger.Hold:
    if candidate.reserve_nano is None:
        raise LegRefused(
            "price_unknown",
            f"The price of {candidate.gear.name} is unknown, so its cost cannot be held.",
            f"Set one with: clutch gears price {candidate.gear.name} INPUT OUTPUT",
            can_shift=True,
        )
    return ledger.Hold(
        leg_id=leg.pk,
        user_id=trip.user_id,
        team_id=trip.team_id,
        token_id=trip.token_id,
        provider=leg.provider,
        road=trip.road,
        amount_nano=candidate.reserve_nano,
        currency=leg.currency,
        expires_at=leg.started_at + HOLD,
    )


def fit(request: ModelRequest, candidate: Candidate) -> ModelRequest:
    """The call as this gear takes it."""
    setting = candidate.setting
    return replace(
        request,
        model_id=candidate.gear.model_id,
        max_output_tokens=setting.max_output_tokens,
        effort=setting.effort,
        budget_tokens=setting.budget_tokens,
        temperature=request.temperature if setting.temperature is not None else None,
        context_window=candidate.gear.context_window,
    )


def timeouts_for(candidate: Candidate) -> Timeouts:
    """Thinking models may take five times as long to their first token."""
    base = options.timeouts()
    thinks = candidate.setting.effort is not None or candidate.setting.budget_tokens is not None
    return replace(base, first_token_s=base.first_token_s * 5) if thinks else base


def mark_sent(leg_id: UUID) -> None:
    """From here on the provider may charge: an unknown end books the whole hold."""
    Leg.objects.filter(pk=leg_id).update(sent_at=timezone.now())


@dataclass(frozen=True, slots=True)
class Timing:
    seconds: float
    first_token_s: float | None


def close_leg(
    leg_id: UUID, candidate: Candidate, request: ModelRequest, result: LegResult, timing: Timing
) -> LegFinished:
    """Settle the money, keep the result, tell the breakers: one transaction, and only once."""
    usage, is_known = _usage(candidate, request, result)
    with transaction.atomic():
        leg = Leg.objects.select_related("reservation").get(pk=leg_id)
        if leg.state == Leg.State.DRIVING:
            leg.cost_nano = _settle(leg.reservation, candidate, usage, result, is_known=is_known)
            _write(leg, usage, result, timing)
            breakers.record(candidate.gear, fleet.provider_spec(leg.provider), result.error)
    return _finished(leg, result)


def _usage(candidate: Candidate, request: ModelRequest, result: LegResult) -> tuple[Usage, bool]:
    """What was used, and whether that is known well enough to book it instead of the hold."""
    if result.usage is not None:
        return result.usage, True
    error = result.error
    if not result.was_sent or (error is not None and not error.may_be_billed):
        return Usage(), True
    estimate = Usage(
        input_tokens=request_tokens(request),
        output_tokens=-(-result.delivered_chars // CHARS_PER_TOKEN),
        is_estimated=True,
    )
    # Stopped by us, or whole but without numbers: what was delivered bounds what was billed.
    return estimate, error is None


def request_tokens(request: ModelRequest) -> int:
    chars = len(request.system) + sum(len(message.text) for message in request.messages)
    return -(-chars // CHARS_PER_TOKEN)


def _settle(
    reservation: Reservation,
    candidate: Candidate,
    usage: Usage,
    result: LegResult,
    *,
    is_known: bool,
) -> int:
    prices = candidate.gear.prices
    if not is_known or prices is None:
        return ledger.settle_unknown(reservation.pk)
    if not result.was_sent:
        ledger.release(reservation.pk)
        return 0
    cost_nano = money.cost_nano(
        prices,
        usage.input_tokens,
        usage.output_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
    )
    if usage.is_estimated:
        cost_nano = min(cost_nano, reservation.amount_nano)
    return ledger.settle(reservation.pk, cost_nano)


def _write(leg: Leg, usage: Usage, result: LegResult, timing: Timing) -> None:
    leg.state = _state(result)
    leg.finished_at = timezone.now()
    leg.seconds = timing.seconds
    leg.first_token_s = timing.first_token_s
    leg.input_tokens = usage.input_tokens
    leg.cached_input_tokens = usage.cached_input_tokens
    leg.cache_write_tokens = usage.cache_write_tokens
    leg.output_tokens = usage.output_tokens
    leg.reasoning_tokens = usage.reasoning_tokens
    leg.is_usage_estimated = usage.is_estimated
    leg.stop_reason = result.stop_reason or ""
    leg.error_code = result.error.code if result.error else ""
    leg.error = result.error.message[:500] if result.error else ""
    leg.provider_request_id = result.request_id[:200]
    leg.save()


def _state(result: LegResult) -> Literal["done", "failed", "stopped"]:
    if result.error is not None:
        return "failed"
    return "stopped" if result.is_stopped else "done"


def _finished(leg: Leg, result: LegResult) -> LegFinished:
    return LegFinished(
        leg=str(leg.pk),
        state=_state(result),
        gear=leg.gear,
        usage=Usage(
            leg.input_tokens,
            leg.output_tokens,
            leg.cached_input_tokens,
            leg.cache_write_tokens,
            leg.reasoning_tokens,
            leg.is_usage_estimated,
        ),
        cost_nano=leg.cost_nano,
        currency=leg.currency,
        seconds=leg.seconds or 0.0,
        first_token_s=leg.first_token_s,
        stop_reason=result.stop_reason,
        error_code=leg.error_code,
        error=leg.error,
    )
