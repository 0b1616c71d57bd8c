"""Every start finds what commands left behind that were killed, and leaves the living alone."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from orchestrator.models import Reservation, Trip
from orchestrator.routing.types import Overrides, Plan
from orchestrator.services.driving import drive, leases, legs, requests, trips
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import invariants, startup
from tests.services.driving.test_leases import ended_pid

pytestmark = pytest.mark.django_db(transaction=True)


def dead_owner() -> str:
    kind, host, _, token = leases.new_owner("cli").split(":")
    return f"{kind}:{host}:{ended_pid()}:{token}"


def left_by(caller: Caller, owner: str, source: Trip.Source = Trip.Source.CLI) -> UUID:
    """A trip in the middle of its call, its lease run out."""
    request = requests.from_text("Hello", overrides=Overrides(gear="demo-1"))
    trip = trips.start(Caller(caller.user_id, source), request)
    claim = drive.claim(trip.pk, owner)
    assert claim is not None
    assert isinstance(claim.decision, Plan)
    chosen = claim.decision.chosen
    opening = legs.Opening(claim.trip, "1", chosen, 1, request.for_model())
    legs.write([opening])
    late = timezone.now() - timedelta(minutes=1)
    Trip.objects.filter(pk=trip.pk).update(lease_until=late)
    return trip.pk


def test_what_a_killed_command_held_is_free_again(caller: Caller) -> None:
    trip_id = left_by(caller, dead_owner())
    startup.prepare()
    assert Trip.objects.get(pk=trip_id).state == "stalled"
    assert Reservation.objects.get().state == "released"
    assert invariants.breaches() == []


def test_a_command_that_lives_is_left_alone_even_when_its_lease_ran_out(caller: Caller) -> None:
    trip_id = left_by(caller, leases.new_owner("cli"))
    startup.prepare()
    assert Trip.objects.get(pk=trip_id).state == "driving"


def test_a_lease_that_still_runs_is_left_alone(caller: Caller) -> None:
    trip_id = left_by(caller, dead_owner())
    Trip.objects.filter(pk=trip_id).update(lease_until=timezone.now() + timedelta(seconds=20))
    startup.prepare()
    assert Trip.objects.get(pk=trip_id).state == "driving"


def test_a_page_s_trip_is_left_to_the_server(caller: Caller) -> None:
    trip_id = left_by(caller, dead_owner(), Trip.Source.PAGE)
    startup.prepare()
    assert Trip.objects.get(pk=trip_id).state == "driving"
