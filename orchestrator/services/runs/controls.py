"""Pause, go on, end and try again: each one conditional update, right in whichever process."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from orchestrator.models import Leg, Message, Step, Trip, TripEvent, TripPayload
from orchestrator.services.driving import queue, requests, stops, sweeper
from orchestrator.services.driving.interruptions import INTERRUPTED, INTERRUPTED_BEFORE
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.driving.trips import RUN_DEADLINE
from orchestrator.services.setup import fleet

State = Trip.State


class NotNow(Exception):
    """The run is in no state for this; the message says in which it is."""


def pause(trip: Trip) -> None:
    """Its driver begins nothing new, lets a second pass, and keeps what there is."""
    under_way = Trip.objects.filter(
        pk=trip.pk, state__in=[State.QUEUED, State.DRIVING], cancel_requested_at=None
    )
    if not under_way.update(pause_requested_at=timezone.now()):
        raise NotNow(_where(trip))


def resume(trip: Trip, cap_nano: int | None = None, *, source: Trip.Source) -> None:
    """Go on where it stopped, with a higher cap if one is given. Nothing is paid twice."""
    spent = trip.cost_nano
    if cap_nano is not None and cap_nano <= spent:
        raise RequestRefused("The new cap is not above what the run has already spent.")
    with transaction.atomic():
        waiting = Trip.objects.filter(pk=trip.pk, state=State.PAUSED)
        if not waiting.update(**_queued(source), **_cap(cap_nano)):
            raise NotNow(_where(trip))
        _announce(trip, source)


def cancel(trip: Trip) -> None:
    """What is under way is closed within a second; what was done is kept and paid."""
    trip.refresh_from_db()
    if not (sweeper.end_paused(trip) or stops.request(trip.pk)):
        raise NotNow(_where(trip))


def retry(trip: Trip, gear: str = "", cap_nano: int | None = None, *, source: Trip.Source) -> int:
    """Open an ended run again for what failed or was not reached; the number of items it has.

    What is done stays done. `gear` takes the places that are left, whatever the plan says.
    """
    _check_gear(gear)
    if trip.state == State.DONE and not has_failed_items(trip):
        raise NotNow("Nothing of this run has failed.")
    with transaction.atomic():
        ended = Trip.objects.filter(pk=trip.pk, state__in=Trip.FINAL).exclude(pattern="single")
        if not ended.update(**_queued(source), **_cap(cap_nano), finished_at=None):
            raise NotNow(_where(trip))
        count = _open_again(trip)
        if gear:
            _prefer(trip, gear)
        TripPayload.objects.filter(pk=trip.pk).update(answer="", thinking="", tool_calls=[])
        Message.objects.filter(trip=trip).update(text="", html="")
        TripEvent.objects.filter(trip=trip).delete()  # what is told begins anew
        _announce(trip, source)
    return count


def has_failed_items(trip: Trip) -> bool:
    return Step.objects.filter(trip=trip, state=Step.State.FAILED).exists()


def _open_again(trip: Trip) -> int:
    """Failed items wait again, and what was made of the others has to be made anew."""
    failed = Step.objects.filter(trip=trip, state=Step.State.FAILED)
    first = failed.order_by("id").first()
    count = failed.update(state=Step.State.WAITING, error="", gear="", text="")
    if first is not None:
        later = Step.objects.filter(trip=trip, created_at__gte=first.created_at)
        later.exclude(parent=first.parent).delete()
    # A person who tries again takes the risk that the program dies of it once more.
    died = Leg.objects.filter(trip=trip, error_code=INTERRUPTED[0])
    died.update(error_code=INTERRUPTED_BEFORE)
    return count


def _prefer(trip: Trip, gear: str) -> None:
    payload = TripPayload.objects.get(pk=trip.pk)
    request = replace(requests.from_document(payload.request), instead=gear)
    payload.request = requests.to_document(request)
    payload.save(update_fields=["request"])


def _check_gear(gear: str) -> None:
    if gear and gear not in {known.name for known in fleet.snapshot().gears}:
        raise RequestRefused(f"There is no gear {gear!r}. See: clutch gears")


def _queued(source: Trip.Source) -> dict[str, object]:
    return {
        "state": State.QUEUED,
        "source": source,
        "pause_requested_at": None,
        "cancel_requested_at": None,
        "announced_at": None,
        "error_code": "",
        "error": "",
        "deadline_at": timezone.now() + RUN_DEADLINE,
    }


def _cap(cap_nano: int | None) -> dict[str, object]:
    return {} if cap_nano is None else {"cap_nano": cap_nano}


def _announce(trip: Trip, source: Trip.Source) -> None:
    if source == Trip.Source.PAGE:
        transaction.on_commit(lambda: queue.announce(trip.pk))


def _where(trip: Trip) -> str:
    trip.refresh_from_db(fields=["state"])
    return f"The run is {Trip.State(trip.state).label.lower()}."
