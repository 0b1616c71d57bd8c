"""The life of a trip: queued, driving, and one of four ends, each by one conditional update."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.utils import timezone

from orchestrator.models import Gear, Leg, Message, Trip, TripEvent, TripPayload
from orchestrator.patterns.crew import Answer
from orchestrator.patterns.events import Event, FinalState, RunPaused, TripFinished
from orchestrator.providers.vocabulary import Usage
from orchestrator.routing import money
from orchestrator.routing.types import Pattern, Plan, Refusal
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.drafts import versions
from orchestrator.services.driving import alerts, leases, queue, requests, steps
from orchestrator.services.driving.receipts import receipt_document
from orchestrator.services.driving.requests import TripRequest
from orchestrator.services.people import standing
from orchestrator.services.people.identity import Caller
from orchestrator.services.reports import labels
from orchestrator.services.setup import fleet

log = logging.getLogger(__name__)
DEADLINE = timedelta(minutes=30)
RUN_DEADLINE = timedelta(hours=24)
# How long a paused run waits for a person.
PAUSED_FOR = timedelta(days=30)
# A trip nobody got to send anything for may be taken again; after this it is given up.
MAX_ATTEMPTS = 3
HEADLINE_CHARS = 120
# A run of several calls goes on after a crash; each of its places gives up by itself.
MAX_RUN_ATTEMPTS = 20


class KeyReused(requests.RequestRefused):
    """The idempotency key was used for another request."""


@dataclass(frozen=True, slots=True)
class RunTerms:
    """What a run of several calls is started with, beside its request."""

    pattern: Pattern
    cap_nano: int | None
    items: steps.Items | None = None


def start(
    caller: Caller,
    request: TripRequest,
    *,
    conversation_id: UUID | None = None,
    idempotency_key: str = "",
    run: RunTerms | None = None,
) -> Trip:
    """Accept a request. A page's trip is announced to the workers, others are driven in place."""
    if why_not := standing.why_not_spend(caller.user_id, caller.team_id):
        raise requests.RequestRefused(why_not)
    digest = requests.digest(request)
    now = timezone.now()
    trip = Trip(
        user_id=caller.user_id,
        team_id=caller.team_id,
        token_id=caller.token_id,
        conversation_id=conversation_id,
        source=caller.source,
        idempotency_key=idempotency_key,
        request_digest=digest,
        headline=" ".join(request.text.split())[:HEADLINE_CHARS],
        deadline_at=now + (DEADLINE if run is None else RUN_DEADLINE),
        created_at=now,
        **labels.of(request, conversation_id),
    )
    if request.overrides.pattern is not None:
        trip.pattern = request.overrides.pattern.value
    if run is not None:
        trip.pattern, trip.cap_nano = run.pattern.value, run.cap_nano
    try:
        with transaction.atomic():
            trip.save(force_insert=True)
            TripPayload.objects.create(trip=trip, request=requests.to_document(request))
            if run is not None and run.items is not None:
                steps.lay_out(trip.pk, run.items)
            if caller.source == Trip.Source.PAGE:
                transaction.on_commit(lambda: queue.announce(trip.pk))
    except IntegrityError:
        return _asked_before(caller, idempotency_key, digest)
    return trip


def _asked_before(caller: Caller, idempotency_key: str, digest: str) -> Trip:
    trip = Trip.objects.get(user_id=caller.user_id, idempotency_key=idempotency_key)
    if trip.request_digest != digest:
        raise KeyReused("This idempotency key was used for another request. Send a new key.")
    return trip


def caller_of(trip: Trip) -> Caller:
    return Caller(
        user_id=trip.user_id,
        source=Trip.Source(trip.source),
        team_id=trip.team_id,
        token_id=trip.token_id,
        is_owner_at_machine=trip.source in (Trip.Source.CLI, Trip.Source.LIBRARY),
    )


def take(trip: Trip, owner: str, decision: Plan | Refusal, cap_nano: int | None = None) -> bool:
    """Claim a queued trip and write its decision down; False when somebody else was first."""
    fields: dict[str, object] = {}
    if isinstance(decision, Plan):
        versions.keep(decision.fleet_version)
        fields = {
            "pattern": decision.pattern.value,
            "road": decision.match.road.name,
            "gear": decision.chosen.gear.name,
            "throttle": decision.chosen.setting.throttle,
            "is_exploration": decision.is_exploration,
            "is_by_hand": decision.is_pinned,
            "profile": decision.profile,
            "profile_budget": decision.profile_budget,
            "fleet_version": decision.fleet_version,
            "currency": "demo" if decision.chosen.gear.is_demo else "usd",
            "baseline_gear": decision.baseline_gear,
            "baseline_nano": decision.baseline_nano,
        }
    if cap_nano is not None:  # a run, however it was asked for
        deadline = max(trip.deadline_at, timezone.now() + RUN_DEADLINE)
        fields |= {"cap_nano": cap_nano, "deadline_at": deadline}
    waiting = Trip.objects.filter(pk=trip.pk, state=Trip.State.QUEUED)
    is_mine = bool(
        waiting.update(
            state=Trip.State.DRIVING,
            lease_owner=owner,
            lease_until=Now() + leases.LEASE,
            started_at=timezone.now(),
            attempts=F("attempts") + 1,
            **fields,
        )
    )
    if is_mine:
        TripPayload.objects.filter(pk=trip.pk).update(receipt=receipt_document(decision))
    return is_mine


@dataclass(frozen=True, slots=True)
class Ending:
    state: FinalState
    answer: Answer
    error_code: str = ""
    error: str = ""
    next_step: str = ""
    retry_after_s: float | None = None


def finish(
    trip_id: UUID,
    owner: str,
    ending: Ending,
    *,
    rows: list[TripEvent],
    number_last: Callable[[TripFinished], TripEvent] | None,
) -> TripFinished | None:
    """End a trip together with its last event; None when this owner no longer held it.

    `rows` are the events not yet written; the last one is numbered and added to them.
    """
    with transaction.atomic():
        held = Trip.objects.filter(pk=trip_id, state=Trip.State.DRIVING, lease_owner=owner)
        now = timezone.now()
        totals = _totals(trip_id)
        if not held.update(
            state=ending.state,
            finished_at=now,
            lease_owner="",
            lease_until=None,
            error_code=ending.error_code[:40],
            error=ending.error[:500],
            **totals,
        ):
            return None
        trip = Trip.objects.get(pk=trip_id)
        _price_baseline(trip)
        TripPayload.objects.filter(pk=trip_id).update(
            answer=ending.answer.text,
            thinking=ending.answer.thinking,
            tool_calls=[
                {"id": call.id, "name": call.name, "arguments": dict(call.arguments)}
                for call in ending.answer.tool_calls
            ],
        )
        Message.objects.filter(trip_id=trip_id).update(text=ending.answer.text, html="")
        last = _last_event(trip, ending)
        if number_last is not None:
            rows.append(number_last(last))
        TripEvent.objects.bulk_create(rows)
    _tell(trip)
    return last


def pause(
    trip_id: UUID,
    owner: str,
    event: RunPaused,
    *,
    rows: list[TripEvent],
    number: Callable[[Event], TripEvent] | None,
) -> bool:
    """Let a run wait for a person; False when this owner no longer held it."""
    with transaction.atomic():
        held = Trip.objects.filter(pk=trip_id, state=Trip.State.DRIVING, lease_owner=owner)
        if not held.update(
            state=Trip.State.PAUSED,
            lease_owner="",
            lease_until=None,
            pause_requested_at=None,
            deadline_at=timezone.now() + PAUSED_FOR,
            error_code=event.code[:40],
            error=event.reason[:500],
            **_totals(trip_id),
        ):
            return False
        if number is not None:
            rows.append(number(event))
        TripEvent.objects.bulk_create(rows)
    return True


def put_back(trip_id: UUID, owner: str, rows: list[TripEvent]) -> None:
    """Let another process go on with a run after the steps that are kept."""
    with transaction.atomic():
        held = Trip.objects.filter(pk=trip_id, state=Trip.State.DRIVING, lease_owner=owner)
        waiting = {"state": Trip.State.QUEUED, "lease_owner": "", "lease_until": None}
        if held.update(**waiting, announced_at=None, **_totals(trip_id)):
            TripEvent.objects.bulk_create(rows)
            transaction.on_commit(lambda: queue.announce(trip_id))


def is_run(trip: Trip) -> bool:
    """Whether it has several calls, and so can go on where it was left."""
    return trip.pattern != Pattern.SINGLE.value


def _tell(trip: Trip) -> None:
    """An alert that cannot be raised is no reason to fail an answer that is already kept."""
    try:
        alerts.after(trip)
        budget_alerts.after_trip(trip.pk)
    except DatabaseError:
        log.warning("alerts could not be raised trip=%s", trip.pk, exc_info=True)


def _price_baseline(trip: Trip) -> None:
    """What the named baseline would have cost for the very tokens that were used."""
    baseline = Gear.objects.select_related("provider").filter(name=trip.baseline_gear).first()
    prices = fleet.prices_of(baseline) if baseline else None
    if prices is None or not trip.output_tokens:
        return
    trip.baseline_nano = money.cost_nano(
        prices,
        trip.input_tokens,
        trip.output_tokens,
        trip.cached_input_tokens,
        trip.cache_write_tokens,
    )
    trip.save(update_fields=["baseline_nano"])


def _totals(trip_id: UUID) -> dict[str, int]:
    names = (
        "input_tokens",
        "cached_input_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "cost_nano",
    )
    sums = Leg.objects.filter(trip_id=trip_id).aggregate(**{f"sum_{n}": Sum(n) for n in names})
    return {name: sums[f"sum_{name}"] or 0 for name in names}


def _last_event(trip: Trip, ending: Ending) -> TripFinished:
    ended, began = trip.finished_at or trip.created_at, trip.started_at or trip.created_at
    return TripFinished(
        state=ending.state,
        text=ending.answer.text,
        cost_nano=trip.cost_nano,
        currency=trip.currency,
        usage=Usage(
            trip.input_tokens,
            trip.output_tokens,
            trip.cached_input_tokens,
            trip.cache_write_tokens,
            trip.reasoning_tokens,
        ),
        seconds=(ended - began).total_seconds(),
        saved_nano=saved_nano(trip),
        error_code=ending.error_code,
        error=ending.error,
        next_step=ending.next_step,
        retry_after_s=ending.retry_after_s,
    )


def saved_nano(trip: Trip) -> int | None:
    """Against the named baseline; unknown while either price is unknown or nothing was answered."""
    if trip.baseline_nano is None or trip.state != Trip.State.DONE:
        return None
    return trip.baseline_nano - trip.cost_nano
