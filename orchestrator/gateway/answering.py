"""From a request to its answer, whole or streamed, in either dialect."""

import asyncio
from contextlib import aclosing, suppress

from orchestrator.gateway import bodies, faults, gathered
from orchestrator.gateway.dialects import Dialect, Stream
from orchestrator.gateway.driving import Asked, Driven, begin
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.fields import Fields
from orchestrator.gateway.gathered import Gathered
from orchestrator.gateway.http import Exchange, comment
from orchestrator.patterns.events import (
    Event,
    Routed,
    RunPaused,
    StepMoved,
    SwarmMoved,
    Text,
    Thinking,
    ToolCall,
    TripFinished,
)
from orchestrator.services.database import in_thread
from orchestrator.services.people.identity import Caller

CLOSING = "The server is closing, so this was stopped. What was used until then is paid."
CLOSING_RUN = "The server is closing."


async def answer(exchange: Exchange, caller: Caller, dialect: Dialect) -> None:
    """Ends early, with everything settled, when the client leaves."""
    body = Fields(await bodies.read(exchange))
    asked = await in_thread(dialect.asked, caller, body, exchange)
    told = Gathered()
    answering = asyncio.create_task(_answer(exchange, caller, dialect, asked, told))
    leaving = asyncio.create_task(exchange.until_gone())
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        # The server is closing, and this is its outermost task: whoever is there is told, and
        # nothing is left that would have to be cancelled.
        await _stop(answering)
        await refuse(exchange, dialect, _closing(told))
    finally:
        leaving.cancel()
        await _stop(answering)


def _closing(told: Gathered) -> Refused:
    why = gathered.paused(told.trip, CLOSING_RUN) if told.is_run else CLOSING
    return Refused("interrupted", why, trip=told.trip)


async def _stop(answering: "asyncio.Task[None]") -> None:
    answering.cancel()
    with suppress(asyncio.CancelledError):
        await answering


async def _answer(
    exchange: Exchange, caller: Caller, dialect: Dialect, asked: Asked, told: Gathered
) -> None:
    driven = await begin(caller, asked)
    told.trip, told.is_run, told.cap_nano = str(driven.trip_id), driven.is_run, driven.cap_nano
    if asked.is_streamed:
        await _Streaming(exchange, driven, told, dialect.stream(asked, told)).run()
        return
    refused: Refused | None = None
    async with aclosing(driven.events()) as events:
        async for event in events:
            if event is not None:
                told.take(event)
            if isinstance(event, TripFinished | RunPaused):
                refused = gathered.refusal(told.trip, event)
    if refused is not None:
        raise refused
    await exchange.answer(200, dialect.whole(asked, told), told.headers(has_ended=True))


class _Streaming:
    """Begins with the first word, so that what fails before it has a status of its own."""

    def __init__(self, exchange: Exchange, driven: Driven, told: Gathered, stream: Stream) -> None:
        self.exchange = exchange
        self.driven = driven
        self.told = told
        self.stream = stream

    async def run(self) -> None:
        async with aclosing(self.driven.events()) as events:
            async for event in events:
                if event is None:
                    await self._begin()
                    await self.exchange.write(self.stream.quiet())
                else:
                    self.told.take(event)
                    await self._tell(event)

    async def _tell(self, event: Event) -> None:
        match event:
            case Routed(receipt) if self.told.is_run and not receipt.get("refused"):
                await self._begin()
            case Text() | Thinking() | ToolCall():
                await self._begin()
                await self.exchange.write(self.stream.tell(event))
            case StepMoved() | SwarmMoved() if self.exchange.has_begun:
                await self.exchange.write(comment(_progress(event)))
            case TripFinished() | RunPaused():
                await self._end(event)
            case _:
                pass

    async def _begin(self) -> None:
        if not self.exchange.has_begun:
            await self.exchange.begin_stream(self.told.headers(has_ended=False))
            await self.exchange.write(self.stream.begin())

    async def _end(self, event: TripFinished | RunPaused) -> None:
        refused = gathered.refusal(self.told.trip, event)
        if refused is not None and not self.exchange.has_begun:
            raise refused
        await self._begin()
        last = self.stream.end() if refused is None else self.stream.fail(refused)
        await self.exchange.write(last)
        await self.exchange.end_stream()


def _progress(event: StepMoved | SwarmMoved) -> str:
    """Names and sums; what places wrote is told with the answer alone."""
    if isinstance(event, StepMoved):
        return f"{event.name}: {event.state}"
    spent = gathered.dollars(event.spent_nano)
    return f"{event.done} of {event.total} items done, {event.failed} failed, {spent} dollars spent"


async def refuse(exchange: Exchange, dialect: Dialect, refused: Refused) -> None:
    """Where the answer had begun, its end is cut: a client takes no half answer for a whole."""
    if exchange.has_begun:
        await exchange.write(dialect.cut(refused, exchange.id))
        await exchange.end_stream()
        return
    document = dialect.refusal(refused, exchange.id)
    await exchange.answer(dialect.status(refused), document, faults.headers_of(refused))
