"""How provider calls end: settled once, written down, told to the breakers, answers kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import connection, transaction
from django.utils import timezone

from orchestrator.models import Leg, Reservation
from orchestrator.patterns.crew import LegResult
from orchestrator.patterns.events import LegFinished
from orchestrator.providers.vocabulary import Usage
from orchestrator.routing import money
from orchestrator.services.driving import breakers, paces, steps
from orchestrator.services.driving.legs.bookings import (
    CHARS_PER_TOKEN,
    Ending,
    Sending,
    request_tokens,
)
from orchestrator.services.money import ledger
from orchestrator.services.money.ledger import Closing, Kind


def mark_sent(sendings: Iterable[Sending]) -> None:
    """An unknown end books the whole hold from here on."""
    ids = [sending.leg_id for sending in sendings]
    if ids:
        Leg.objects.filter(pk__in=ids).update(sent_at=timezone.now())


def close_many(endings: Sequence[Ending]) -> list[LegFinished]:
    """Money, rows, breakers and kept answers in one transaction; a leg is closed only once."""
    with transaction.atomic():
        found = Leg.objects.select_related("reservation").in_bulk(
            [ending.leg_id for ending in endings]
        )
        under_way = [
            _Close(ending, found[ending.leg_id])
            for ending in endings
            if found[ending.leg_id].state == Leg.State.DRIVING
        ]
        costs_nano = ledger.settle_many([each.closing for each in under_way]) if under_way else []
        for each, cost_nano in zip(under_way, costs_nano, strict=True):
            each.write(cost_nano)
        _store([each.leg for each in under_way])
        _tell(under_way)
        steps.keep((ending.trip_id, ending.result.keep) for ending in endings if ending.result.keep)
    return [_finished(found[ending.leg_id], ending.result) for ending in endings]


@dataclass(slots=True)
class _Close:
    ending: Ending
    leg: Leg

    @property
    def closing(self) -> Closing:
        """Unknown where nobody knows what was charged, exact where somebody does."""
        usage, is_known = usage_of(self.ending)
        prices = self.ending.candidate.gear.prices
        reservation: Reservation = self.leg.reservation
        if not is_known or prices is None:
            return Closing(reservation.pk, Kind.UNKNOWN)
        if not self.ending.result.was_sent:
            return Closing(reservation.pk, Kind.RELEASE)
        cost_nano = money.cost_nano(
            prices,
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_input_tokens,
            usage.cache_write_tokens,
        )
        if usage.is_estimated:
            cost_nano = min(cost_nano, reservation.amount_nano)
        return Closing(reservation.pk, Kind.SETTLE, cost_nano)

    def write(self, cost_nano: int) -> None:
        leg, result, timing = self.leg, self.ending.result, self.ending.timing
        usage, _ = usage_of(self.ending)
        leg.cost_nano = cost_nano
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


def usage_of(ending: Ending) -> tuple[Usage, bool]:
    """What was used, and whether that is known well enough to book it instead of the hold."""
    result = ending.result
    if result.usage is not None:
        return result.usage, True
    error = result.error
    if not result.was_sent or (error is not None and not error.may_be_billed):
        return Usage(), True
    estimate = Usage(
        input_tokens=request_tokens(ending.request),
        output_tokens=-(-result.delivered_chars // CHARS_PER_TOKEN),
        is_estimated=True,
    )
    # Stopped by us, or whole but without numbers: what was delivered bounds what was billed.
    return estimate, error is None


WRITTEN = (
    "cost_nano", "state", "finished_at", "seconds", "first_token_s", "input_tokens",
    "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens",
    "is_usage_estimated", "stop_reason", "error_code", "error", "provider_request_id",
)  # fmt: skip
WRITE = f"UPDATE orchestrator_leg SET {', '.join(f'{name} = %s' for name in WRITTEN)} WHERE id = %s"  # noqa: S608  # column names of our own


def _store(legs: Sequence[Leg]) -> None:
    """Written out because Django builds one long CASE for each column of each row."""
    if not legs:
        return
    known = {column.name: column for column in Leg._meta.concrete_fields}
    columns = [known[name] for name in (*WRITTEN, "id")]
    rows = [
        [column.get_db_prep_save(getattr(leg, column.attname), connection) for column in columns]
        for leg in legs
    ]
    with connection.cursor() as cursor:
        cursor.executemany(WRITE, rows)


def _tell(closed: Sequence[_Close]) -> None:
    """Of several calls that went well on one gear the breaker needs to hear once."""
    well: dict[str, _Close] = {}
    for each in closed:
        error = each.ending.result.error
        if error is None:
            well.setdefault(each.ending.candidate.gear.name, each)
            continue
        gear = each.ending.candidate.gear
        breakers.record(gear, each.ending.spec, error)
        if error.retry_after_s:
            paces.close(gear.provider, error.retry_after_s)
    for each in well.values():
        breakers.record(each.ending.candidate.gear, each.ending.spec, None)


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
