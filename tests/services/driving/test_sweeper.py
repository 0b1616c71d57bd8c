"""What crashes leave behind is found, settled once, and ended or queued again."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from orchestrator.models import Leg, Reservation, Trip, TripEvent
from orchestrator.patterns.events import Text, Thinking
from orchestrator.routing.types import Overrides, Plan
from orchestrator.services.driving import drive, legs, requests, sweeper, trips
from orchestrator.services.driving.event_log import TripLog
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import invariants

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(hours=2)


def crashed(caller: Caller, *, was_sent: bool, source: Trip.Source = Trip.Source.PAGE) -> UUID:
    """A trip as a killed driver leaves it: claimed, one leg open, perhaps some text."""
    page = Caller(caller.user_id, source)
    request = requests.from_text("Hello", overrides=Overrides(gear="demo-1"))
    trip = trips.start(page, request)
    claim = drive.claim(trip.pk, "worker:dead")
    assert claim is not None
    assert isinstance(claim.decision, Plan)
    chosen = claim.decision.chosen
    opening = legs.Opening(claim.trip, "1", chosen, 1, request.for_model())
    opened = legs.write([opening])[0]
    if was_sent:
        legs.mark([legs.Sending(opened.leg_id)])
        log = TripLog(trip.pk, 0)
        leg = str(opened.leg_id)
        log._pending += [Thinking(leg, "Let me see", ""), Text(leg, "half an ans")]
        TripEvent.objects.bulk_create(log.take())
    Trip.objects.filter(pk=trip.pk).update(lease_until=LONG_AGO)
    return trip.pk


def test_a_sent_call_is_booked_whole_and_the_trip_keeps_what_it_has(caller: Caller) -> None:
    trip_id = crashed(caller, was_sent=True)
    sweeper.sweep()
    trip = Trip.objects.select_related("payload").get(pk=trip_id)
    held = Reservation.objects.get()
    assert (trip.state, trip.error_code) == ("stalled", "interrupted")
    assert (trip.payload.thinking, trip.payload.answer) == ("Let me see", "half an ans")
    assert (held.state, held.actual_nano, trip.cost_nano) == ("settled",) + (held.amount_nano,) * 2
    last = TripEvent.objects.filter(trip=trip).order_by("seq").last()
    assert last is not None
    assert (last.seq, last.kind) == (3, "trip_finished")
    assert invariants.breaches() == []


def test_a_call_that_never_left_costs_nothing_and_is_queued_again(caller: Caller) -> None:
    trip_id = crashed(caller, was_sent=False)
    sweeper.sweep()
    trip = Trip.objects.get(pk=trip_id)
    assert (trip.state, trip.cost_nano) == ("queued", 0)
    assert Reservation.objects.get().state == "released"
    assert Leg.objects.get().state == "failed"


def test_a_trip_that_never_gets_anywhere_is_given_up(caller: Caller) -> None:
    trip_id = crashed(caller, was_sent=False)
    Trip.objects.filter(pk=trip_id).update(attempts=trips.MAX_ATTEMPTS)
    sweeper.sweep()
    assert Trip.objects.get(pk=trip_id).state == "stalled"
    assert invariants.breaches() == []


def test_a_command_that_was_killed_is_not_driven_by_others(caller: Caller) -> None:
    trip_id = crashed(caller, was_sent=False, source=Trip.Source.CLI)
    sweeper.sweep()
    assert Trip.objects.get(pk=trip_id).state == "stalled"


def test_sweeping_twice_changes_nothing_more(caller: Caller) -> None:
    crashed(caller, was_sent=True)
    sweeper.sweep()
    before = list(Trip.objects.values_list("state", "cost_nano"))
    sweeper.sweep()
    assert list(Trip.objects.values_list("state", "cost_nano")) == before


def test_a_living_lease_is_left_alone(caller: Caller) -> None:
    trip_id = crashed(caller, was_sent=True)
    Trip.objects.filter(pk=trip_id).update(lease_until=timezone.now() + timedelta(seconds=20))
    sweeper.sweep()
    assert Trip.objects.get(pk=trip_id).state == "driving"


def test_a_queued_trip_past_its_deadline_ends(caller: Caller) -> None:
    trip = trips.start(caller, requests.from_text("Hello"))
    Trip.objects.filter(pk=trip.pk).update(deadline_at=LONG_AGO)
    sweeper.sweep()
    trip.refresh_from_db()
    assert (trip.state, trip.error_code, trip.cost_nano) == ("stalled", "expired", 0)


def test_a_waiting_page_s_trip_is_announced_again(caller: Caller) -> None:
    trip = trips.start(Caller(caller.user_id, Trip.Source.PAGE), requests.from_text("Hello"))
    Trip.objects.filter(pk=trip.pk).update(announced_at=LONG_AGO)
    sweeper.sweep()
    trip.refresh_from_db()
    assert trip.announced_at is not None
    assert trip.announced_at > LONG_AGO


def test_only_one_process_sweeps_in_an_interval() -> None:
    assert sweeper.sweep_in_turn("one")
    assert not sweeper.sweep_in_turn("two")


def test_the_log_of_an_old_trip_is_tidied_but_its_answer_stays(caller: Caller) -> None:
    trip_id = crashed(caller, was_sent=True)
    sweeper.sweep()
    Trip.objects.filter(pk=trip_id).update(finished_at=timezone.now() - timedelta(hours=25))
    sweeper.sweep()
    assert not TripEvent.objects.filter(trip_id=trip_id).exists()
    assert Trip.objects.get(pk=trip_id).payload.answer == "half an ans"


def test_invariants_name_what_is_broken(caller: Caller) -> None:
    crashed(caller, was_sent=True)
    sweeper.sweep()
    Trip.objects.update(cost_nano=1)
    Leg.objects.update(cost_nano=2)
    names = {breach.invariant for breach in invariants.breaches()}
    assert {"trips tie", "entries tie"} <= names
