"""One trip from request to receipt: claimed once, paid exactly, ended in every case."""

import asyncio
from contextlib import aclosing
from uuid import UUID

import pytest

from orchestrator.models import BudgetPeriod, LedgerEntry, Leg, Reservation, Trip, TripEvent
from orchestrator.patterns.events import (
    Event,
    GaugeMoved,
    GearShifted,
    LegStarted,
    Routed,
    Text,
    TripFinished,
)
from orchestrator.routing.types import Overrides
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, outlets, stops, trips
from orchestrator.services.driving.requests import TripRequest, from_text
from orchestrator.services.people.identity import Caller

pytestmark = pytest.mark.django_db(transaction=True)
OWNER = "test:here"


def start(caller: Caller, text: str, **overrides: object) -> UUID:
    request: TripRequest = from_text(text, overrides=Overrides(**overrides))  # type: ignore[arg-type]
    return trips.start(caller, request).pk


async def driven(trip_id: UUID) -> list[Event]:
    return [event async for event in drive.drive(trip_id, OWNER)]


def last_of(events: list[Event]) -> TripFinished:
    assert isinstance(events[-1], TripFinished)
    return events[-1]


async def test_a_trip_is_routed_answered_and_paid(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "Explain quantum computing")
    events = await driven(trip_id)
    assert isinstance(events[0], Routed)
    assert isinstance(events[-2], GaugeMoved)
    last = last_of(events)
    assert last.state == "done"
    assert last.text == "".join(event.text for event in events if isinstance(event, Text))
    trip = await in_thread(Trip.objects.select_related("payload").get, pk=trip_id)
    leg = await in_thread(Leg.objects.get, trip_id=trip_id)
    assert (trip.state, trip.road, trip.gear) == ("done", "country-road", "demo-3")
    assert trip.cost_nano == leg.cost_nano == last.cost_nano > 0
    assert trip.payload.answer == last.text
    assert trip.payload.receipt["gear"] == "demo-3"


async def test_what_was_held_is_settled_to_the_last_nano(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "Explain quantum computing")
    cost_nano = last_of(await driven(trip_id)).cost_nano
    periods = await in_thread(lambda: list(BudgetPeriod.objects.filter(budget__currency="demo")))
    assert {(period.reserved_nano, period.spent_nano) for period in periods} == {(0, cost_nano)}
    kinds = await in_thread(lambda: list(LedgerEntry.objects.values_list("kind", flat=True)))
    assert sorted(kinds) == ["reserve", "settle"]


async def test_a_trip_is_driven_by_one_owner_only(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "Hello")
    first, second = await asyncio.gather(driven(trip_id), driven(trip_id))
    assert sorted([bool(first), bool(second)]) == [False, True]
    assert await in_thread(Leg.objects.filter(trip_id=trip_id).count) == 1


async def test_a_failing_gear_is_left_for_the_next(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "/demo fail-below 4 Explain")
    events = await driven(trip_id)
    assert last_of(events).state == "done"
    shifts = [event for event in events if isinstance(event, GearShifted)]
    assert shifts[0].from_gear == "demo-3"
    states = await in_thread(
        lambda: list(Leg.objects.filter(trip_id=trip_id).values_list("state", flat=True))
    )
    assert (states[0], states[-1]) == ("failed", "done")


async def test_a_failure_everywhere_ends_the_trip_with_a_reason(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "/demo auth", gear="demo-1")
    last = last_of(await driven(trip_id))
    assert (last.state, last.error_code, last.cost_nano) == ("failed", "auth", 0)
    held = await in_thread(Reservation.objects.filter(state="held").count)
    assert held == 0


async def test_an_unknown_end_books_the_whole_hold(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "/demo cut", gear="demo-1")
    last = last_of(await driven(trip_id))
    reservation = await in_thread(Reservation.objects.get, leg__trip_id=trip_id)
    assert last.state == "failed"
    assert last.cost_nano == reservation.amount_nano


async def test_a_stop_keeps_the_text_and_pays_for_it(patient_caller: Caller) -> None:
    trip_id = await in_thread(start, patient_caller, "/demo long 5000", gear="demo-1")
    seen: list[Event] = []

    async def listen() -> None:
        async with aclosing(drive.drive(trip_id, OWNER)) as events:
            async for event in events:
                seen.append(event)
                if isinstance(event, Text):
                    await in_thread(stops.request, trip_id)

    await asyncio.wait_for(listen(), 20)
    last = last_of(seen)
    assert (last.state, bool(last.text)) == ("stopped", True)
    leg = await in_thread(Leg.objects.get, trip_id=trip_id)
    assert (leg.state, leg.is_usage_estimated) == ("stopped", True)
    assert leg.output_tokens * 4 >= len(last.text)


async def test_a_silent_provider_can_be_stopped_too(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "/demo hang", gear="demo-1")
    seen: list[Event] = []
    async with asyncio.timeout(20), aclosing(drive.drive(trip_id, OWNER)) as events:
        async for event in events:
            seen.append(event)
            if isinstance(event, LegStarted):
                await in_thread(stops.request, trip_id)
    assert last_of(seen).state == "stopped"


async def test_a_listener_that_leaves_stops_the_trip(patient_caller: Caller) -> None:
    trip_id = await in_thread(start, patient_caller, "/demo long 5000", gear="demo-1")
    async with aclosing(drive.drive(trip_id, OWNER)) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    trip = await in_thread(Trip.objects.get, pk=trip_id)
    assert trip.state == "stopped"
    assert await in_thread(Reservation.objects.filter(state="held").count) == 0


async def test_a_refused_trip_costs_nothing_and_says_what_to_do(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "Hello", gear="claude-opus")
    last = last_of(await driven(trip_id))
    assert (last.state, last.error_code, last.cost_nano) == ("failed", "no_provider", 0)
    assert "ANTHROPIC_API_KEY" in last.error
    assert last.next_step
    assert not await in_thread(Leg.objects.filter(trip_id=trip_id).exists)


async def test_the_page_outlet_writes_a_log_without_holes(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "Explain quantum computing")
    await outlets.to_page(trip_id, OWNER)
    rows = await in_thread(lambda: list(TripEvent.objects.filter(trip_id=trip_id)))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert (rows[0].kind, rows[-1].kind) == ("routed", "trip_finished")
    text = "".join(row.payload["text"] for row in rows if row.kind == "text")
    assert text == rows[-1].payload["text"]


async def test_the_stream_outlet_speaks_server_sent_events(caller: Caller) -> None:
    trip_id = await in_thread(start, caller, "Hello")
    frames = [frame async for frame in outlets.to_sse(trip_id, OWNER)]
    assert frames[0].startswith(b"event: routed\ndata: {")
    assert frames[-1].startswith(b"event: trip_finished\n")
