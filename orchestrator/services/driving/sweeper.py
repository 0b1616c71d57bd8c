"""One loop per installation that finds what crashes and lost messages left behind."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from orchestrator.models import Leg, SweeperLock, Trip, TripEvent
from orchestrator.patterns.crew import Answer
from orchestrator.patterns.events import TripFinished
from orchestrator.routing.types import Pattern
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.chat import attachments, conversations
from orchestrator.services.driving import event_documents, leases, queue, stops, trips
from orchestrator.services.driving.interruptions import INTERRUPTED
from orchestrator.services.driving.trips import MAX_ATTEMPTS, MAX_RUN_ATTEMPTS, Ending
from orchestrator.services.money import ledger
from orchestrator.services.reports import due, rollups

log = logging.getLogger(__name__)
EVERY_S = leases.HEARTBEAT_S
BATCH = 200
ANNOUNCE_AGAIN_AFTER = timedelta(seconds=EVERY_S)
# Runs may wait for each other for hours; what is told again too often only fills the queue.
ANNOUNCE_RUN_AGAIN_AFTER = 2 * leases.LEASE
KEEP_EVENTS = timedelta(hours=24)
SWEEPER = "sweeper"
EXPIRED = Ending(
    "stalled",
    Answer(),
    "expired",
    "Nobody got to it in time. Nothing was spent.",
    "Send it again.",
)


def sweep_in_turn(owner: str) -> bool:
    """Sweep if no other process did in this interval; True when it was our turn."""
    now = timezone.now()
    SweeperLock.objects.get_or_create(pk=1, defaults={"until": now - timedelta(days=1)})
    turn = SweeperLock.objects.filter(pk=1, until__lt=Now()).update(
        until=Now() + timedelta(seconds=EVERY_S * 0.9), owner=owner
    )
    if turn:
        sweep()
    return bool(turn)


def sweep() -> None:
    recover(Trip.objects.filter(state=Trip.State.DRIVING, lease_until__lt=Now()))
    give_up_late_trips()
    end_forgotten_runs()
    announce_again()
    settle_left_holds()
    budget_alerts.sweep()
    tidy_events()
    conversations.purge_deleted()
    attachments.remove_orphans(KEEP_EVENTS)
    rollups.advance()
    due.announce_due(timezone.now())


def recover_after_restart(owner_prefix: str) -> int:
    """At the start of the only server: trips of its earlier lives need not wait for their lease."""
    return recover(
        Trip.objects.filter(state=Trip.State.DRIVING, lease_owner__startswith=owner_prefix)
    )


def recover(left: "QuerySet[Trip]") -> int:
    count = 0
    for trip in left.order_by("id")[:BATCH]:
        # After this computer slept, leases have run out under drivers that are alive and well.
        if not stops.is_driven_here(trip.pk):
            count += _recover_one(trip)
    return count


def _recover_one(trip: Trip) -> bool:
    """Take the trip over, settle its open legs, then queue it again or end it."""
    with transaction.atomic():
        was_sent = _settle_open_legs(trip)
        # a run goes on after the steps that are kept; a single answer is only sent again by hand
        is_run = trips.is_run(trip)
        may_go_on = (
            (is_run or not was_sent)
            and trip.source == Trip.Source.PAGE
            and trip.attempts < (MAX_RUN_ATTEMPTS if is_run else MAX_ATTEMPTS)
            and trip.cancel_requested_at is None
        )
        held = Trip.objects.filter(
            pk=trip.pk, state=Trip.State.DRIVING, lease_owner=trip.lease_owner
        )
        if may_go_on:
            return bool(
                held.update(
                    state=Trip.State.QUEUED, lease_owner="", lease_until=None, announced_at=None
                )
            )
        log_end = _LogEnd(trip)
        ending = Ending("stalled", log_end.answer(), *INTERRUPTED)
        ended = trips.finish(trip.pk, trip.lease_owner, ending, rows=[], number_last=log_end.number)
    log.warning("trip was interrupted trip=%s", trip.pk)
    return ended is not None


def _settle_open_legs(trip: Trip) -> bool:
    """True when a provider may have worked for one of them."""
    was_sent = False
    for leg in Leg.objects.filter(trip=trip).select_related("reservation"):
        was_sent = was_sent or leg.sent_at is not None
        if leg.state == Leg.State.DRIVING:
            _settle_left_leg(leg)
    return was_sent


def _settle_left_leg(leg: Leg) -> None:
    if leg.sent_at is None:
        ledger.release(leg.reservation.pk)
        leg.cost_nano = 0
    else:
        leg.cost_nano = ledger.settle_unknown(leg.reservation.pk)
    leg.state = Leg.State.FAILED
    leg.error_code, leg.error, _ = INTERRUPTED
    leg.finished_at = timezone.now()
    leg.save(update_fields=["cost_nano", "state", "error_code", "error", "finished_at"])


class _LogEnd:
    """The end of a log whose writer died: what it held, and the number that comes next."""

    def __init__(self, trip: Trip) -> None:
        self.trip = trip
        self._has_log = TripEvent.objects.filter(trip=trip).exists()

    def answer(self) -> Answer:
        told = TripEvent.objects.filter(trip=self.trip)
        # What a run wrote before it went on is written anew after.
        begun = told.filter(kind="routed").aggregate(last=Max("seq"))["last"] or 0
        pieces = told.filter(kind__in=("text", "thinking"), seq__gt=begun).order_by("seq")
        answer = Answer()
        for kind, payload in pieces.values_list("kind", "payload"):
            if kind == "text":
                answer.text += payload["text"]
            else:
                answer.thinking += payload["text"]
        return answer

    @property
    def number(self) -> Callable[[TripFinished], TripEvent] | None:
        return self._number if self._has_log or self.trip.source == Trip.Source.PAGE else None

    def _number(self, event: TripFinished) -> TripEvent:
        last = TripEvent.objects.filter(trip=self.trip).aggregate(last=Max("seq"))["last"] or 0
        return TripEvent(
            trip=self.trip,
            seq=last + 1,
            kind=event_documents.kind_of(event),
            payload=event_documents.payload_of(event),
        )


def give_up_late_trips() -> None:
    """Queued trips whose time is over, and those of a command that ended before it began."""
    gone = Q(deadline_at__lt=Now()) | Q(
        ~Q(source=Trip.Source.PAGE),
        started_at__isnull=True,
        created_at__lt=Now() - timedelta(minutes=5),
    )
    for trip in Trip.objects.filter(gone, state=Trip.State.QUEUED).order_by("id")[:BATCH]:
        waiting = Trip.objects.filter(pk=trip.pk, state=Trip.State.QUEUED)
        with transaction.atomic():
            if waiting.update(state=Trip.State.DRIVING, lease_owner=SWEEPER):
                trips.finish(trip.pk, SWEEPER, EXPIRED, rows=[], number_last=_LogEnd(trip).number)


def end_forgotten_runs() -> None:
    """Paused runs that nobody came back to: what they have is kept."""
    forgotten = Trip.objects.filter(state=Trip.State.PAUSED, deadline_at__lt=Now())
    for trip in forgotten.order_by("id")[:BATCH]:
        end_paused(trip)


def end_paused(trip: Trip) -> bool:
    """End a run that nobody drives; False when somebody else was first."""
    waiting = Trip.objects.filter(pk=trip.pk, state=Trip.State.PAUSED)
    with transaction.atomic():
        if not waiting.update(state=Trip.State.DRIVING, lease_owner=SWEEPER):
            return False
        ending = Ending("stopped", Answer())
        trips.finish(trip.pk, SWEEPER, ending, rows=[], number_last=_LogEnd(trip).number)
    return True


def announce_again() -> None:
    waiting = Trip.objects.filter(state=Trip.State.QUEUED, source=Trip.Source.PAGE).filter(
        Q(announced_at__isnull=True)
        | Q(announced_at__lt=Now() - ANNOUNCE_AGAIN_AFTER, pattern=Pattern.SINGLE.value)
        | Q(announced_at__lt=Now() - ANNOUNCE_RUN_AGAIN_AFTER)
    )
    for trip_id in waiting.order_by("id").values_list("pk", flat=True)[:BATCH]:
        queue.announce(trip_id)


def settle_left_holds() -> None:
    """Holds past their time whose trip has ended without them."""
    for reservation in ledger.expired(timezone.now())[:BATCH]:
        leg = Leg.objects.select_related("trip", "reservation").get(pk=reservation.leg_id)
        if leg.trip.is_final or leg.trip.lease_until is None:
            with transaction.atomic():
                _settle_left_leg(leg)
                cost_nano = F("cost_nano") + leg.cost_nano
                Trip.objects.filter(pk=leg.trip_id).update(cost_nano=cost_nano, counted_at=None)


def tidy_events() -> None:
    """The answer stays with the trip; its events only serve resuming."""
    old = Trip.objects.filter(
        state__in=Trip.FINAL, finished_at__lt=Now() - KEEP_EVENTS, events__isnull=False
    )
    ids = list(old.order_by().values_list("pk", flat=True).distinct()[:BATCH])
    TripEvent.objects.filter(trip_id__in=ids).delete()
