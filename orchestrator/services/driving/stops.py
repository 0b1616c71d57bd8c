"""Stopping a trip: at once where this process drives it, within half a second elsewhere."""

import asyncio
from contextlib import suppress
from uuid import UUID

from django.utils import timezone

from orchestrator import runtime
from orchestrator.models import Trip

_flags: dict[UUID, asyncio.Event] = {}
# Of runs that another process can go on with: set when nothing new may be begun.
_pauses: dict[UUID, asyncio.Event] = {}
_is_closing = False
_waiting: list[asyncio.Event] = []
SETTLE_S = 5.0


def register(trip_id: UUID, flag: asyncio.Event, pause: asyncio.Event | None = None) -> None:
    _flags[trip_id] = flag
    if pause is not None:
        _pauses[trip_id] = pause
    if _is_closing:
        flag.set()


def forget(trip_id: UUID) -> None:
    _flags.pop(trip_id, None)
    _pauses.pop(trip_id, None)
    for waiting in [] if _flags else _waiting:
        waiting.set()


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
    """Begin nothing new, give what is under way a while to end by itself, then interrupt it."""
    global _is_closing
    _is_closing = True
    for pause in list(_pauses.values()):
        pause.set()
    with suppress(TimeoutError):
        await asyncio.wait_for(_all_ended(), grace_s)
    for flag in list(_flags.values()):
        flag.set()
    with suppress(TimeoutError):
        await asyncio.wait_for(_all_ended(), SETTLE_S)


async def _all_ended() -> None:
    waiting = asyncio.Event()
    _waiting.append(waiting)
    try:
        if _flags:
            await waiting.wait()
    finally:
        _waiting.remove(waiting)


def reopen() -> None:
    global _is_closing
    _is_closing = False
