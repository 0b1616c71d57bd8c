"""A database that may grow no more: nothing is half kept, and all goes on when it may."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from orchestrator.models import BudgetPeriod, Reservation, Trip, TripEvent
from orchestrator.patterns.events import GearShifted, Text
from orchestrator.routing.types import Overrides
from orchestrator.services import database
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, event_log, sweeper, trips
from orchestrator.services.driving.event_log import TripLog
from orchestrator.services.driving.requests import from_text
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import invariants

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = "Explain this. " * 20_000
NO_LIMIT = 2**30


def pages() -> int:
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as own:
        own.execute("VACUUM")  # so that no free page is left to be used
        count: int = own.execute("PRAGMA page_count").fetchone()[0]
        return count


@contextmanager
def full_database() -> Iterator[None]:
    limit_all(pages())
    try:
        yield
    finally:
        limit_all(NO_LIMIT)


def limit_all(page_count: int) -> None:
    """A limit is a connection's own, and each thread keeps its connection."""
    threads = database._threads
    everybody = Barrier(threads._max_workers)

    def limit() -> None:
        everybody.wait()  # so that no thread does it twice
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count={page_count}")

    for done in [threads.submit(limit) for _ in range(threads._max_workers)]:
        done.result()


def start(caller: Caller, text: str) -> Trip:
    return trips.start(caller, from_text(text, overrides=Overrides(gear="demo-1")))


async def test_a_trip_that_cannot_be_kept_is_not_begun(caller: Caller) -> None:
    with full_database(), pytest.raises(OperationalError, match="full"):
        await in_thread(start, caller, LARGE)
    assert not await in_thread(Trip.objects.exists)
    assert (await in_thread(start, caller, LARGE)).state == "queued"


async def test_a_trip_whose_end_cannot_be_kept_is_settled_later(caller: Caller) -> None:
    trip = await in_thread(start, caller, "/demo long 4000")
    with full_database(), pytest.raises(OperationalError, match="full"):
        async for _ in drive.drive(trip.pk, "test:here"):
            pass
    await in_thread(trip.refresh_from_db)
    assert trip.state == "driving"
    await in_thread(Trip.objects.update, lease_until=trip.created_at)
    await in_thread(sweeper.sweep)
    await in_thread(trip.refresh_from_db)
    assert trip.is_final
    held = await in_thread(lambda: list(BudgetPeriod.objects.values_list("reserved_nano")))
    assert set(held) <= {(0,)}
    assert not await in_thread(Reservation.objects.filter(state="held").exists)
    assert await in_thread(invariants.breaches) == []


async def test_events_wait_for_room_and_keep_their_numbers(caller: Caller) -> None:
    trip = await in_thread(start, caller, "Hello")
    log = TripLog(trip.pk, 0)
    shift = GearShifted("one", "two", LARGE)
    with full_database():
        await log.add(shift)
        await log.add(shift)
        assert not await in_thread(TripEvent.objects.exists)
    await log.add(Text("1", "end"))
    frames = await in_thread(event_log.read, trip.pk, 0)
    assert [(frame["seq"], frame["kind"]) for frame in frames] == [
        (1, "gear_shifted"),
        (2, "gear_shifted"),
        (3, "text"),
    ]
    assert await log.close() == []


async def test_what_could_not_be_written_is_handed_out_at_the_end(caller: Caller) -> None:
    trip = await in_thread(start, caller, "Hello")
    log = TripLog(trip.pk, 0)
    with full_database():
        await log.add(GearShifted("one", "two", LARGE))
    assert [row.seq for row in await log.close()] == [1]
