"""What is told to workers: trips that are kept, and none that a process could not take."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from clutchweb.celery import app
from orchestrator import tasks
from orchestrator.models import Trip
from orchestrator.services.database import in_thread
from orchestrator.services.driving import queues, requests, stops, trips
from orchestrator.services.people.identity import Caller

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    pass


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The broker in this process's memory keeps what other tests have told it."""
    purge()
    yield
    purge()


def purge() -> None:
    with app.connection_for_write() as connection:
        for name in queues.ALL:
            connection.default_channel.queue_declare(queue=name)
            connection.default_channel.queue_purge(name)


def waiting() -> int:
    with app.connection_for_read() as connection:
        declare = connection.default_channel.queue_declare
        return sum(declare(queue=name).message_count for name in queues.ALL)


def start(caller: Caller) -> Trip:
    return trips.start(Caller(caller.user_id, Trip.Source.PAGE), requests.from_text("Hello"))


def test_a_trip_is_told_of_when_it_is_kept_and_not_when_it_is_undone(caller: Caller) -> None:
    def start_and_undo() -> None:
        with transaction.atomic():
            start(caller)
            raise Undone

    with pytest.raises(Undone):
        start_and_undo()
    assert (Trip.objects.count(), waiting()) == (0, 0)
    start(caller)
    assert waiting() == 1


async def test_a_process_that_ends_leaves_a_trip_to_be_told_of_again(caller: Caller) -> None:
    trip = await in_thread(start, caller)
    await stops.close(0)
    try:
        await in_thread(tasks.drive_trip, str(trip.pk))
    finally:
        stops.reopen()
    left = await in_thread(Trip.objects.get, pk=trip.pk)
    assert (left.state, left.attempts, left.announced_at) == ("queued", 0, None)
