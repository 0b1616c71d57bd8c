"""Caps, pauses, going on, and trying again: nothing is paid twice, nothing is lost."""

import pytest

from orchestrator.models import Leg, Step, Trip
from orchestrator.patterns.events import RunPaused, TripFinished
from orchestrator.routing.types import Pattern
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, requests
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.runs import controls, orders
from orchestrator.services.runs.orders import Order
from orchestrator.services.upkeep import invariants

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS = tuple(f"item {number}" for number in range(1, 7))
DEMO = {"each": {"name": "item", "gear": "demo-2"}, "parallel": 2}
LIBRARY = Trip.Source.LIBRARY


def begin(caller: Caller, run: object, cap_nano: int | None = None) -> Trip:
    request = requests.from_text("Say what this is", run=run)
    return orders.start(caller, Order(Pattern.SWARM, request, ITEMS, cap_nano))


async def drive_all(trip: Trip) -> Trip:
    events = [event async for event in drive.drive(trip.pk, "me")]
    assert isinstance(events[-1], TripFinished | RunPaused)
    return await in_thread(Trip.objects.get, pk=trip.pk)


def paths(trip: Trip) -> list[str]:
    return [leg.path for leg in Leg.objects.filter(trip=trip, state="done")]


async def test_at_its_cap_a_run_pauses_and_with_a_higher_one_it_goes_on(caller: Caller) -> None:
    whole = await drive_all(await in_thread(begin, caller, DEMO))
    hold = await in_thread(
        lambda: max(leg.reservation.amount_nano for leg in Leg.objects.filter(trip=whole))
    )
    trip = await in_thread(begin, caller, DEMO, hold + whole.cost_nano // 2)
    paused = await drive_all(trip)
    done_before = await in_thread(paths, trip)
    assert (paused.state, paused.error_code) == ("paused", "cap")
    assert 0 < len(done_before) < len(ITEMS)
    assert 0 < paused.cost_nano <= (paused.cap_nano or 0)
    await in_thread(lambda: controls.resume(paused, 10**12, source=LIBRARY))
    ended = await drive_all(trip)
    everything = await in_thread(paths, trip)
    assert ended.state == "done"
    assert len(everything) == len(ITEMS)  # what was done before was not asked again
    assert await in_thread(invariants.breaches) == []


async def test_a_cap_below_what_is_spent_is_no_way_on(caller: Caller) -> None:
    trip = await in_thread(begin, caller, DEMO, 1)
    paused = await drive_all(trip)
    assert paused.state == "paused"
    with pytest.raises(RequestRefused, match="not above"):
        await in_thread(lambda: controls.resume(paused, 0, source=LIBRARY))


async def test_what_a_person_asked_to_pause_waits_and_can_be_ended(caller: Caller) -> None:
    trip = await in_thread(begin, caller, DEMO)
    await in_thread(controls.pause, trip)
    paused = await drive_all(trip)
    assert (paused.state, paused.error_code) == ("paused", "paused")
    await in_thread(controls.cancel, paused)
    ended = await in_thread(Trip.objects.get, pk=trip.pk)
    assert ended.state == "stopped"
    with pytest.raises(controls.NotNow, match="stopped"):
        await in_thread(controls.cancel, ended)
    with pytest.raises(controls.NotNow, match="stopped"):
        await in_thread(controls.pause, ended)


async def test_only_what_failed_is_tried_again_with_another_gear(caller: Caller) -> None:
    run = {**DEMO, "check": {"regex": "demo-4"}, "retries": 0, "combine": "table"}
    trip = await in_thread(begin, caller, run)
    first = await drive_all(trip)
    assert first.state == "failed"
    legs_before = await in_thread(Leg.objects.filter(trip=trip).count)
    count = await in_thread(lambda: controls.retry(first, "demo-1", source=LIBRARY))
    assert count == len(ITEMS)
    await drive_all(trip)
    asked = await in_thread(
        lambda: list(Leg.objects.filter(trip=trip).order_by("id"))[legs_before:]
    )
    assert asked[0].gear == "demo-1"  # whatever the plan says


async def test_a_run_without_failures_has_nothing_to_try_again(caller: Caller) -> None:
    ended = await drive_all(await in_thread(begin, caller, DEMO))
    with pytest.raises(controls.NotNow, match="Nothing"):
        await in_thread(lambda: controls.retry(ended, source=LIBRARY))


async def test_a_done_run_with_failed_items_makes_its_answer_anew(caller: Caller) -> None:
    trip = await in_thread(begin, caller, {**DEMO, "combine": "table"})
    ended = await drive_all(trip)
    await in_thread(
        lambda: Step.objects.filter(trip=trip, number=2).update(state="failed", text="", gear="")
    )
    assert await in_thread(lambda: controls.retry(ended, source=LIBRARY)) == 1
    again = await drive_all(trip)
    answer = await in_thread(lambda: again.payload.answer)
    assert again.state == "done"
    assert "item 2" in answer
    assert len(await in_thread(paths, trip)) == len(ITEMS) + 1
