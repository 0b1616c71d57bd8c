"""Runs of several calls: paid call by call, kept step by step, resumed after a crash."""

import pytest
from django.utils import timezone

from orchestrator.models import Leg, Step, Trip
from orchestrator.patterns.events import StepMoved
from orchestrator.routing.types import Overrides, Pattern
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, planning, requests, steps, sweeper, trips
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import invariants

pytestmark = pytest.mark.django_db(transaction=True)
CHAIN = {"steps": [{"name": "plan"}, {"name": "do", "gear": "demo-4"}]}


def begin(caller: Caller, pattern: Pattern, run: object = None) -> Trip:
    overrides = Overrides(pattern=pattern)
    request = requests.from_text("Explain quantum computing", overrides=overrides, run=run)
    return trips.start(caller, request)


async def drive_all(trip: Trip) -> list[object]:
    return [event async for event in drive.drive(trip.pk, "me")]


@pytest.mark.parametrize("pattern", [Pattern.CONVOY, Pattern.TEAM, Pattern.CASCADE])
async def test_every_pattern_ends_and_its_money_adds_up(caller: Caller, pattern: Pattern) -> None:
    trip = await in_thread(begin, caller, pattern)
    await drive_all(trip)
    ended = await in_thread(Trip.objects.select_related("payload").get, pk=trip.pk)
    legs = await in_thread(lambda: list(Leg.objects.filter(trip=trip)))
    assert (ended.state, ended.pattern) == ("done", pattern.value)
    assert ended.payload.answer
    assert len(legs) > 1
    assert ended.cost_nano == sum(leg.cost_nano for leg in legs)
    assert await in_thread(invariants.breaches) == []


async def test_a_plan_of_ones_own_is_driven_with_its_gears(caller: Caller) -> None:
    trip = await in_thread(begin, caller, Pattern.CONVOY, CHAIN)
    events = await drive_all(trip)
    names = [event.name for event in events if isinstance(event, StepMoved)]
    assert names == ["plan", "plan", "do", "do"]
    gears = await in_thread(lambda: [leg.gear for leg in Leg.objects.filter(trip=trip)])
    assert gears[-1] == "demo-4"
    asked = await in_thread(lambda: [step.given for step in Step.objects.filter(trip=trip)])
    assert all("Explain quantum computing" in text for text in asked)
    assert "<plan>" in asked[-1]


async def test_a_run_whose_driver_died_goes_on_after_its_kept_steps(caller: Caller) -> None:
    page = Caller(caller.user_id, Trip.Source.PAGE)
    trip = await in_thread(begin, page, Pattern.CONVOY, CHAIN)
    claimed = await in_thread(drive.claim, trip.pk, "dead")
    assert claimed is not None
    await in_thread(kept_and_interrupted, trip)
    again = await in_thread(Trip.objects.get, pk=trip.pk)
    assert again.state == Trip.State.QUEUED
    await drive_all(again)
    ended = await in_thread(Trip.objects.get, pk=trip.pk)
    paths = await in_thread(lambda: [leg.path for leg in Leg.objects.filter(trip=trip)])
    assert ended.state == "done"
    assert paths == ["2"]  # what was kept was not paid for again
    assert await in_thread(Step.objects.filter(trip=trip).count) == 2


def kept_and_interrupted(trip: Trip) -> None:
    from orchestrator.patterns.crew import Answer, Kept

    steps.keep([(trip.pk, Kept("1", "plan", Answer(text="1. begin", gear="demo-3")))])
    Trip.objects.filter(pk=trip.pk).update(lease_until=timezone.now())
    sweeper.recover(Trip.objects.filter(pk=trip.pk))


async def test_a_plan_that_cannot_be_driven_fails_before_anything_is_sent(caller: Caller) -> None:
    trip = await in_thread(begin, caller, Pattern.CONVOY, {"steps": []})
    await drive_all(trip)
    ended = await in_thread(Trip.objects.get, pk=trip.pk)
    assert (ended.state, ended.cost_nano) == ("failed", 0)
    assert "steps is a list" in ended.error


def test_the_dry_run_says_how_many_calls_there_are(caller: Caller) -> None:
    request = requests.from_text("hello", overrides=Overrides(pattern=Pattern.TEAM))
    assert planning.preview(caller, request)["calls"] == 4
