"""Provider calls as rows: opened with their money held, marked when they leave, closed once.

Whatever is asked for while a transaction runs is written in the next one, so a swarm of many
calls writes in few, and a single call waits for nobody.
"""

from collections.abc import Sequence
from typing import Any, cast

from orchestrator.patterns.events import LegFinished
from orchestrator.services.driving.gathering import PerLoop
from orchestrator.services.driving.legs.bookings import (
    Booking,
    Ending,
    Opened,
    Opening,
    Paced,
    Sending,
    Timing,
)
from orchestrator.services.driving.legs.closing import close_many, mark_sent
from orchestrator.services.driving.legs.opening import open_many

__all__ = [
    "Ending",
    "Opened",
    "Opening",
    "Paced",
    "Sending",
    "Timing",
    "begin",
    "end",
    "mark",
    "send",
    "write",
]


async def begin(opening: Opening) -> Opened:
    """Raises `LegRefused` or `Paced`, and leaves nothing behind then."""
    return cast(Opened, await _books.ask(opening))


async def send(sending: Sending) -> None:
    await _marks.ask(sending)


async def end(ending: Ending) -> LegFinished:
    return cast(LegFinished, await _books.ask(ending))


def write(bookings: Sequence[Booking]) -> list[Any]:
    """Endings first: what they give back may be held by what begins."""
    endings = [each for each in bookings if isinstance(each, Ending)]
    openings = [each for each in bookings if isinstance(each, Opening)]
    closed = iter(close_many(endings) if endings else ())
    opened = iter(open_many(openings) if openings else ())
    return [next(closed) if isinstance(each, Ending) else next(opened) for each in bookings]


def mark(sendings: Sequence[Sending]) -> list[None]:
    mark_sent(sendings)
    return [None for _ in sendings]


# A swarm waits for neither of its ends, so these may wait a moment for company: that halves what
# the database costs.
_books: PerLoop[Booking] = PerLoop(write, pause_s=0.01)
# Whoever waits for this one already holds a place at the provider.
_marks: PerLoop[Sending] = PerLoop(mark)
