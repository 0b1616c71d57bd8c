"""The numbered log of a trip: written in batches, followed live, resumed at any number.

The channel layer may lose messages without a word, so it only speeds things up: whoever
finds a gap, or hears nothing for a while, reads the log.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

from django.db import Error

from orchestrator.models import Trip, TripEvent
from orchestrator.patterns.events import Event, Text, Thinking
from orchestrator.services.database import in_thread
from orchestrator.services.driving import event_documents, hints
from orchestrator.services.driving.hints import Ears
from orchestrator.services.upkeep import outages

FLUSH_S = 0.04
# Events that come in a row before the first word are written together, and nothing waits for them.
SOON_S = 0.004
# A hint that never came is healed by looking; two seconds is what a reader does not notice.
POLL_S = 2.0
# A reader that stops reading holds one page in our memory, of events that are joined up to a limit.
PAGE = 100
MAX_INLINE_BYTES = 8_192


class TripLog:
    """The writing end, held by whoever holds the trip's lease. Numbers go on where they stopped."""

    def __init__(self, trip_id: UUID, last_seq: int) -> None:
        self.trip_id = trip_id
        self._seq = last_seq
        self._pending: list[Event] = []
        # Numbered already, and waiting for a database that was away.
        self._unwritten: list[TripEvent] = []
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._is_first_piece = True

    async def add(self, event: Event) -> None:
        """Keep an event; pieces of text wait a moment for their neighbours, the first never."""
        if self._flushing is not None and self._flushing.done():
            self._flushing.result()  # what failed meanwhile ends the drive
        if self._pending and (both := event_documents.joined(self._pending[-1], event)):
            self._pending[-1] = both
        else:
            self._pending.append(event)
        is_piece = isinstance(event, Text | Thinking)
        if self._is_first_piece and is_piece:
            self._is_first_piece = False
            await self.flush()
        elif self._timer is None:
            wait_s = FLUSH_S if is_piece else SOON_S
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._start_flush)

    def _start_flush(self) -> None:
        self._timer = None
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self.flush())

    async def flush(self) -> None:
        """What cannot be written during an outage is tried again with what comes next."""
        async with self._writing:
            rows = self.take()
            if not rows:
                return
            try:
                await in_thread(TripEvent.objects.bulk_create, rows)
            except Error as error:
                if outages.of(error) is None:
                    raise
                self._unwritten = rows
                return
            await announce(self.trip_id, rows)

    def take(self) -> list[TripEvent]:
        """The waiting events as numbered rows that the caller promises to write."""
        rows, self._unwritten = self._unwritten, []
        events, self._pending = self._pending, []
        return [*rows, *(self._row(event) for event in events)]

    def _row(self, event: Event) -> TripEvent:
        self._seq += 1
        return TripEvent(
            trip_id=self.trip_id,
            seq=self._seq,
            kind=event_documents.kind_of(event),
            payload=event_documents.payload_of(event),
        )

    async def close(self) -> list[TripEvent]:
        """Stop the timer and hand out what is left, for the transaction that ends the trip."""
        if self._timer is not None:
            self._timer.cancel()
        if self._flushing is not None:
            await self._flushing
        async with self._writing:
            return self.take()

    def last(self, event: Event) -> TripEvent:
        return self._row(event)


def group_of(trip_id: UUID) -> str:
    return f"trip.{trip_id}"


async def announce(trip_id: UUID, rows: list[TripEvent]) -> None:
    """Tell the followers; small events travel along, large ones are read from the log."""
    if not rows:
        return
    frames = [_frame(row.seq, row.kind, row.payload) for row in rows]
    size = sum(len(str(frame)) for frame in frames)
    hint = {
        "type": "trip.moved",
        "upto": rows[-1].seq,
        "frames": frames if size <= MAX_INLINE_BYTES else [],
    }
    await hints.send(group_of(trip_id), hint)


def _frame(seq: int, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"seq": seq, "kind": kind, **payload}


def read(trip_id: UUID, after: int) -> list[dict[str, Any]]:
    rows = TripEvent.objects.filter(trip_id=trip_id, seq__gt=after).order_by("seq")[:PAGE]
    return [_frame(row.seq, row.kind, row.payload) for row in rows]


async def follow(trip_id: UUID, after: int = 0) -> AsyncGenerator[dict[str, Any]]:
    """Every event after `after`, once and in order, until the last one."""
    async with hints.listening(group_of(trip_id)) as ears:
        await ears.open()
        async with aclosing(_follow(trip_id, after, ears)) as frames:
            async for frame in frames:
                yield frame


async def _follow(trip_id: UUID, after: int, ears: Ears) -> AsyncGenerator[dict[str, Any]]:
    frames: list[dict[str, Any]] | None = await in_thread(read, trip_id, after)
    while frames is not None:
        for frame in frames:
            if frame["seq"] > after:
                after = frame["seq"]
                yield frame
                if frame["kind"] == event_documents.LAST:
                    return
        if len(frames) == PAGE:
            frames = await in_thread(read, trip_id, after)
        else:
            frames = await _more(trip_id, after, ears)


async def _more(trip_id: UUID, after: int, ears: Ears) -> list[dict[str, Any]] | None:
    """The next frames, from a hint where it fits, else from the log; None when the trip is over."""
    hint = await ears.hear(POLL_S) or {}
    inline: list[dict[str, Any]] = hint.get("frames", [])
    if inline and inline[0]["seq"] <= after + 1:
        return inline
    return await in_thread(_rest, trip_id, after)


def _rest(trip_id: UUID, after: int) -> list[dict[str, Any]] | None:
    # Asked in this order, so that a trip ending in between cannot hide its last frames. A log
    # that was tidied away after a day has nothing left to show.
    was_over = Trip.objects.filter(pk=trip_id, state__in=Trip.FINAL).exists()
    frames = read(trip_id, after)
    return None if was_over and not frames else frames
