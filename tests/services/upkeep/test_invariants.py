"""Every invariant is checked by number, and what breaks one is named."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator.models import (
    Conversation,
    Leg,
    Posterior,
    Reservation,
    Step,
    SweeperLock,
    Trip,
    TripEvent,
    User,
)
from orchestrator.services.database import in_thread
from orchestrator.services.driving import requests, trips
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import invariants

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "sk-ant-api03-0123456789abcdef0123456789"
LONG_AGO = timezone.now() - timedelta(hours=30)


@pytest.fixture
async def trip(caller: Caller) -> Trip:
    """One that was answered, with its log."""
    from orchestrator.services.driving import outlets

    page = Caller(caller.user_id, Trip.Source.PAGE)
    made = await in_thread(trips.start, page, requests.from_text("Hello"))
    await outlets.to_page(made.pk, "worker:me")
    return await in_thread(Trip.objects.get, pk=made.pk)


def no_hold(trip: Trip) -> None:
    Leg.objects.create(
        trip=trip, path="9", gear="demo-1", level=1, provider="demo", model_id="demo-1",
        throttle=0, started_at=timezone.now(), state="done",
    )  # fmt: skip


def open_call(trip: Trip) -> None:
    Leg.objects.filter(trip=trip).update(state="driving")


def untold_overrun(trip: Trip) -> None:
    Reservation.objects.update(amount_nano=1, actual_nano=5)


def two_answers(trip: Trip) -> None:
    no_hold(trip)
    Leg.objects.filter(path="9").update(path="1", attempt=7)


def lost_piece(trip: Trip) -> None:
    TripEvent.objects.filter(trip=trip, kind="text").update(payload={"leg": "", "text": "?"})


def more_after_the_end(trip: Trip) -> None:
    last = TripEvent.objects.filter(trip=trip).order_by("seq").last()
    TripEvent.objects.create(
        trip=trip, seq=last.seq + 1 if last else 1, kind="gauge_moved", payload={}
    )


def lost_message(trip: Trip) -> None:
    chat = Conversation.objects.create(user_id=trip.user_id)
    Trip.objects.filter(pk=trip.pk).update(conversation=chat)


def others_chat(trip: Trip) -> None:
    chat = Conversation.objects.create(user=User.objects.create(username="eve"))
    Trip.objects.filter(pk=trip.pk).update(conversation=chat)


def told_key(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(error=f"401 for {KEY}")


def old_log(trip: Trip) -> None:
    SweeperLock.objects.create(pk=1, until=timezone.now() + timedelta(seconds=5))
    Trip.objects.filter(pk=trip.pk).update(finished_at=LONG_AGO)


def unheard(trip: Trip) -> None:
    SweeperLock.objects.create(pk=1, until=timezone.now() + timedelta(seconds=5))
    Trip.objects.filter(pk=trip.pk).update(
        state="queued", announced_at=None, created_at=LONG_AGO, finished_at=None
    )


def forgotten_item(trip: Trip) -> None:
    Step.objects.create(
        trip=trip, path="items.1", parent="items", number=1, name="item", state="waiting"
    )


def hole_in_the_items(trip: Trip) -> None:
    Step.objects.create(trip=trip, path="items.2", parent="items", number=2, name="item")


def counted_twice(trip: Trip) -> None:
    Posterior.objects.create(road="chat", gear="g", trips=2, trained_at=timezone.now())


def late(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(
        state="driving", lease_until=LONG_AGO, deadline_at=LONG_AGO
    )


def dearer(trip: Trip) -> None:
    Trip.objects.filter(pk=trip.pk).update(cost_nano=10**12)


@pytest.mark.parametrize(
    ("number", "damage"),
    [
        ("I1", dearer),
        ("I3", untold_overrun),
        ("I4", lost_message),
        ("I5", late),
        ("I6", two_answers),
        ("I7", lost_piece),
        ("I7", more_after_the_end),
        ("I8", others_chat),
        ("I9", told_key),
        ("I10", old_log),
        ("I11", forgotten_item),
        ("I11", hole_in_the_items),
        ("I12", no_hold),
        ("I13", open_call),
        ("I14", unheard),
        ("I15", counted_twice),
    ],
)
async def test_what_breaks_an_invariant_is_named_by_its_number(
    trip: Trip,
    number: str,
    damage: Callable[[Trip], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert await in_thread(broken) == set()
    await in_thread(damage, trip)
    assert number in await in_thread(broken)


def broken() -> set[str]:
    return {each["number"] for each in invariants.document()["checked"] if not each["holds"]}


def test_all_sixteen_are_looked_at(caller: Caller) -> None:
    document = invariants.document()
    numbers = {each["number"] for each in document["checked"]}
    assert numbers == {f"I{number}" for number in range(1, 17)}
    assert document["breaches"] == []
