"""The two ways out of the engine: a page that resumes from the log, and a stream for a client."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from django.db.models import Max

from orchestrator.models import TripEvent
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, event_documents, event_log
from orchestrator.services.driving.event_log import TripLog


async def to_page(trip_id: UUID, owner: str) -> None:
    """Drive a trip into its log; whoever watches reads it from there."""
    log = TripLog(trip_id, await in_thread(last_seq, trip_id))
    async for _ in drive.drive(trip_id, owner, log):
        pass


def last_seq(trip_id: UUID) -> int:
    """Where the log stands: a trip that is driven again goes on counting."""
    return TripEvent.objects.filter(trip_id=trip_id).aggregate(last=Max("seq"))["last"] or 0


async def to_sse(trip_id: UUID, owner: str) -> AsyncGenerator[bytes]:
    """Drive a trip and hand each event straight to one client; leaving stops the trip."""
    async with aclosing(drive.drive(trip_id, owner)) as events:
        async for event in events:
            yield sse_frame(event_documents.kind_of(event), event_documents.payload_of(event))


async def resume_sse(trip_id: UUID, after: int) -> AsyncGenerator[bytes]:
    """The log of a trip from a number on, as server-sent events that carry their numbers."""
    async for frame in event_log.follow(trip_id, after):
        yield sse_frame(frame["kind"], frame, seq=frame["seq"])


def sse_frame(kind: str, payload: object, seq: int | None = None) -> bytes:
    identity = f"id: {seq}\n" if seq is not None else ""
    return f"{identity}event: {kind}\ndata: {json.dumps(payload)}\n\n".encode()
