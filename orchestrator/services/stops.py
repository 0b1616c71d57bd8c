"""Stopping a trip: at once where this process drives it, within half a second elsewhere."""

import asyncio
from uuid import UUID

from django.utils import timezone

from orchestrator import runtime
from orchestrator.models import Trip

_flags: dict[UUID, asyncio.Event] = {}
_is_closing = False


def register(trip_id: UUID, flag: asyncio.Event) -> None:
    _flags[trip_id] = flag
    if _is_closing:
        flag.set()


def forget(trip_id: UUID) -> None:
    _flags.pop(trip_id, None)


def is_driven_here(trip_id: UUID) -> bool:
    return trip_id in _flags


def request(trip_id: UUID) -> bool:
    """Ask a trip to stop. False when it had already ended."""
    under_way = Trip.objects.filter(pk=trip_id, state__in=[Trip.State.QUEUED, Trip.State.DRIVING])
    was_asked = bool(under_way.update(cancel_requested_at=timezone.now()))
    if (flag := _flags.get(trip_id)) is not None:
        runtime.loop().call_soon_threadsafe(flag.set)
    return was_asked


def is_closing() -> bool:
    """True while this process ends: trips it stops now are interrupted, not stopped by a person."""
    return _is_closing


async def close(grace_s: float) -> None:
    """Let what is under way end by itself for a while, then interrupt the rest and see it settled."""
    global _is_closing
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + grace_s
    while _flags and loop.time() < ends_at:
        await asyncio.sleep(0.05)
    _is_closing = True
    for flag in list(_flags.values()):
        flag.set()
    while _flags and loop.time() < ends_at + 5:
        await asyncio.sleep(0.02)


def reopen() -> None:
    global _is_closing
    _is_closing = False
