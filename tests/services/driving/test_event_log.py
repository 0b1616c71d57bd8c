"""The log of a trip: numbered without holes, joined in time, resumed at any number."""

import asyncio
from contextlib import aclosing
from uuid import UUID

import pytest
from channels.layers import get_channel_layer
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.models import Trip, TripEvent, User
from orchestrator.patterns.events import Event, GearShifted, Text, Thinking
from orchestrator.services.database import in_thread
from orchestrator.services.driving import event_documents, event_log, trips
from orchestrator.services.driving.event_log import TripLog
from orchestrator.services.driving.requests import from_text
from orchestrator.services.people.identity import Caller

pytestmark = pytest.mark.django_db(transaction=True)
SHIFT = GearShifted("one", "two", "busy")


def new_trip() -> UUID:
    user, _ = User.objects.get_or_create(username="ann")
    return trips.start(Caller(user.pk, Trip.Source.CLI), from_text("hello")).pk


async def written(trip_id: UUID) -> list[tuple[int, str]]:
    frames = await in_thread(event_log.read, trip_id, 0)
    return [(frame["seq"], frame.get("text", frame["kind"])) for frame in frames]


async def test_the_first_piece_is_written_at_once_and_later_ones_join() -> None:
    trip_id = await in_thread(new_trip)
    log = TripLog(trip_id, 0)
    await log.add(Text("1", "a"))
    assert await written(trip_id) == [(1, "a")]
    for piece in "bcd":
        await log.add(Text("1", piece))
    rows = await log.close()
    assert [(row.seq, row.payload["text"]) for row in rows] == [(2, "bcd")]


async def test_other_events_keep_their_place_between_the_pieces() -> None:
    trip_id = await in_thread(new_trip)
    log = TripLog(trip_id, 0)
    for event in (Text("1", "a"), Text("1", "b"), SHIFT, Text("2", "c")):
        await log.add(event)
    await log.flush()
    assert await written(trip_id) == [(1, "a"), (2, "b"), (3, "gear_shifted"), (4, "c")]


async def test_a_second_writer_goes_on_counting() -> None:
    trip_id = await in_thread(new_trip)
    for last_seq in (0, 1):
        log = TripLog(trip_id, last_seq)
        await log.add(SHIFT)
        await log.flush()
    assert await written(trip_id) == [(1, "gear_shifted"), (2, "gear_shifted")]


async def test_a_follower_gets_every_event_once_though_hints_are_lost() -> None:
    trip_id = await in_thread(new_trip)
    log = TripLog(trip_id, 0)
    await log.add(SHIFT)
    seen: list[int] = []
    async with aclosing(event_log.follow(trip_id)) as frames:
        async for frame in frames:
            seen.append(frame["seq"])
            if len(seen) == 1:
                rows = [log.last(SHIFT), log.last(SHIFT)]  # written, but never announced
                await in_thread(TripEvent.objects.bulk_create, rows)
                await log.add(SHIFT)  # its hint shows the gap
            if len(seen) == 4:
                break
    assert seen == [1, 2, 3, 4]


async def test_a_follower_of_a_long_log_reads_on_page_by_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_log, "PAGE", 3)
    trip_id = await in_thread(new_trip)
    log = TripLog(trip_id, 0)
    for _ in range(8):
        await log.add(SHIFT)
    seen = []
    async with aclosing(event_log.follow(trip_id, 1)) as frames:
        async for frame in frames:
            seen.append(frame["seq"])
            if frame["seq"] == 8:
                break
    assert seen == [2, 3, 4, 5, 6, 7, 8]


async def test_following_a_trip_whose_log_is_gone_ends() -> None:
    trip_id = await in_thread(new_trip)
    await in_thread(Trip.objects.filter(pk=trip_id).update, state="done")
    frames = [frame async for frame in event_log.follow(trip_id)]
    assert frames == []


async def test_large_events_are_read_from_the_log_instead_of_travelling() -> None:
    trip_id = await in_thread(new_trip)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(event_log.group_of(trip_id), channel)
    await TripLog(trip_id, 0).add(Text("1", "x" * 10_000))
    hint = await asyncio.wait_for(layer.receive(channel), 5)
    assert (hint["upto"], hint["frames"]) == (1, [])


pieces = st.lists(
    st.builds(Text, st.sampled_from("12"), st.text(max_size=3))
    | st.builds(Thinking, st.sampled_from("12"), st.text(max_size=3), st.sampled_from(["", "sig"])),
    max_size=12,
)


@given(pieces)
def test_joining_never_changes_the_text_of_a_leg(events: list[Event]) -> None:
    joined: list[Event] = []
    for event in events:
        both = event_documents.joined(joined[-1], event) if joined else None
        joined[-1:] = [both] if both else [*joined[-1:], event]
    for leg in "12":
        for kind in (Text, Thinking):
            before = "".join(e.text for e in events if type(e) is kind and e.leg == leg)
            after = "".join(e.text for e in joined if type(e) is kind and e.leg == leg)
            assert before == after


def test_pieces_join_until_they_are_as_large_as_one_event_may_be() -> None:
    most = event_documents.MOST_JOINED_CHARS
    assert event_documents.joined(Text("1", "x" * (most - 1)), Text("1", "y")) is not None
    assert event_documents.joined(Text("1", "x" * most), Text("1", "y")) is None
    assert event_documents.joined(Thinking("1", "x" * most), Thinking("1", "y")) is None
