"""One place in a pattern, driven until a gear answers: retry, shift gear, or give up."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from orchestrator.patterns.checks import Check
from orchestrator.patterns.crew import Answer, Crew, Kept, LegRefused, LegResult, Ticket
from orchestrator.patterns.events import (
    Event,
    GearShifted,
    LegStarted,
    Text,
    Thinking,
    ToolCall,
)
from orchestrator.patterns.progress import Progress
from orchestrator.patterns.tool_calls import ToolCallAssembler
from orchestrator.providers.errors import BadStream, ProviderError
from orchestrator.providers.vocabulary import (
    Finished,
    ModelRequest,
    ProviderEvent,
    TextDelta,
    ThinkingDelta,
)
from orchestrator.providers.wire import deadlines
from orchestrator.routing import clutch
from orchestrator.routing.types import Candidate

MAX_ANSWER_CHARS = 8 * 1024 * 1024


class Stopped(Exception):
    """Somebody asked the trip to stop; what was delivered is kept and paid."""


class LegFailed(Exception):
    """No gear could answer. `is_partial` says that some text was already shown."""

    def __init__(self, code: str, message: str, next_step: str = "", *, is_partial: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.is_partial = is_partial
        # What the provider that failed last wants to be left alone for.
        self.retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """Under which place an answer is kept. One that is judged later is not accepted at once."""

    path: str
    name: str
    check: Check | None = None
    is_judged: bool = False
    given: str = ""

    def of(self, answer: Answer) -> Kept:
        is_right = self.check is None or not self.check(answer.text)
        is_accepted = is_right and not self.is_judged
        return Kept(self.path, self.name, answer, is_accepted, self.given)


async def drive(
    crew: Crew,
    request: ModelRequest,
    answer: Answer,
    path: str = "1",
    candidates: Sequence[Candidate] | None = None,
    keeping: Keeping | None = None,
) -> AsyncGenerator[Event]:
    """Yield what happens; `answer` holds the result when the last event has been taken."""
    progress = Progress(tuple(crew.candidates() if candidates is None else candidates))
    while True:
        if crew.stop.is_set():
            raise Stopped
        progress.begin()
        try:
            ticket = await crew.open_leg(path, progress.candidate, progress.attempts, request)
        except LegRefused as refused:
            progress.note(refused)
            if not (refused.can_shift and progress.has_next):
                raise LegFailed(
                    refused.code, progress.account(), refused.next_step, is_partial=False
                ) from refused
            yield GearShifted(*progress.shift(), reason=refused.message)
            continue
        listener = _Listener(crew, ticket, answer, keeping)
        async with aclosing(listener.events()) as events:
            async for event in events:
                yield event
        if listener.error is None:
            return
        async for event in _recover(crew, progress, listener.error, answer):
            yield event


async def _recover(
    crew: Crew, progress: Progress, error: ProviderError, answer: Answer
) -> AsyncIterator[Event]:
    """Wait before a retry or shift gear; raises `LegFailed` when neither may be done."""
    progress.note(error)
    verdict = clutch.decide(
        clutch.Failure(
            is_retryable=error.is_retryable,
            can_shift=error.can_shift and progress.has_next,
            retry_after_s=error.retry_after_s,
            has_shown_text=answer.has_shown,
            attempts=progress.attempts,
            attempts_on_gear=progress.attempts_on_gear,
            seconds_left=crew.seconds_left(),
        ),
        may_retry=crew.may_retry,
        rng=crew.random,
    )
    match verdict:
        case clutch.Retry(after_s=after_s):
            await crew.pause(after_s)
        case clutch.Shift():
            yield GearShifted(*progress.shift(), reason=error.message)
        case clutch.GiveUp():
            failed = LegFailed(
                error.code, progress.account(), progress.next_step, is_partial=answer.has_shown
            )
            failed.retry_after_s = error.retry_after_s
            raise failed from error


class _Listener:
    """Listens to one leg and closes it, however it ends: whole, failed, stopped or cancelled."""

    def __init__(self, crew: Crew, ticket: Ticket, answer: Answer, keeping: Keeping | None) -> None:
        self.crew = crew
        self.ticket = ticket
        self.answer = answer
        self.keeping = keeping
        self.error: ProviderError | None = None
        self._calls = ToolCallAssembler()
        # Not added up one by one: of a long answer each addition would copy all that came before.
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._delivered_chars = 0
        self._was_sent = False
        self._has_begun = False
        self._finished: Finished | None = None

    async def events(self) -> AsyncGenerator[Event]:
        is_closed = False
        try:
            yield self._started()
            async with aclosing(self._listen()) as events:
                async for event in events:
                    yield event
            is_closed = True
            yield await self._close(is_stopped=self.crew.stop.is_set() and not self._finished)
        finally:
            if not is_closed:  # cancelled, or nobody listens any more: settle before leaving
                await asyncio.shield(self._close(is_stopped=True))
        if self.crew.stop.is_set() and not self._finished and self.error is None:
            raise Stopped

    def _started(self) -> LegStarted:
        gear, setting = self.ticket.candidate.gear, self.ticket.candidate.setting
        return LegStarted(
            self.ticket.leg, gear.name, gear.level, setting.throttle, self.ticket.attempt
        )

    async def _listen(self) -> AsyncGenerator[Event]:
        try:
            async with self.crew.sending(self.ticket):
                self._was_sent = True
                stream = deadlines.guard(
                    self.ticket.provider.stream(self.ticket.request), self.ticket.timeouts
                )
                async with aclosing(until(stream, self.crew.stop)) as events:
                    async for event in events:
                        if isinstance(event, Finished):
                            self._finish(event)
                        else:
                            yield self._take(event)
        except ProviderError as error:
            self.error = error

    def _take(self, event: ProviderEvent) -> Event:
        leg = self.ticket.leg
        self.answer.has_shown = True
        if not self._has_begun:
            self._has_begun = True
            self.crew.mark_first_token(self.ticket)
        match event:
            case TextDelta(text):
                self._text.append(text)
                self._count(len(text))
                return Text(leg, text)
            case ThinkingDelta(text, signature):
                self._thinking.append(text)
                self._count(len(text))
                return Thinking(leg, text, signature)
            case Finished():
                raise BadStream("The provider sent the end of the answer twice.")
            case delta:
                self._calls.take(delta)
                self._count(len(delta.arguments))
                return ToolCall(
                    leg, delta.index, delta.id, delta.name, delta.arguments, delta.signature
                )

    def _count(self, chars: int) -> None:
        self._delivered_chars += chars
        if self._delivered_chars > MAX_ANSWER_CHARS:
            raise BadStream("The provider sent more than 8 MiB; the answer was cut there.")

    def _add_up(self) -> None:
        self.answer.text += "".join(self._text)
        self.answer.thinking += "".join(self._thinking)
        self._text, self._thinking = [], []

    def _finish(self, event: Finished) -> None:
        self._finished = event  # first, so that a useless answer is still paid as it was billed
        self._add_up()
        self.answer.tool_calls = self._calls.calls()
        self.answer.stop_reason = event.stop_reason
        self.answer.gear = self.ticket.candidate.gear.name
        if self.answer.is_empty and event.stop_reason == "end":
            raise BadStream("The provider sent an empty answer.")

    async def _close(self, *, is_stopped: bool) -> Event:
        self._add_up()
        finished = self._finished
        is_whole = finished is not None and self.error is None
        return await self.crew.close_leg(
            self.ticket,
            LegResult(
                usage=finished.usage if finished else None,
                delivered_chars=self._delivered_chars,
                stop_reason=finished.stop_reason if finished else None,
                error=self.error,
                is_stopped=is_stopped,
                was_sent=self._was_sent,
                request_id=(finished.request_id if finished else "")
                or (self.error.request_id if self.error else ""),
                keep=self.keeping.of(self.answer) if self.keeping and is_whole else None,
            ),
        )


async def until(
    stream: AsyncGenerator[ProviderEvent], stop: asyncio.Event
) -> AsyncGenerator[ProviderEvent]:
    """Pass events on until the flag is raised; then close the stream at once."""
    stopping = asyncio.ensure_future(stop.wait())
    coming: asyncio.Future[ProviderEvent] | None = None
    try:
        while not stop.is_set():
            coming = asyncio.ensure_future(anext(stream))
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                return
            try:
                yield coming.result()
            except StopAsyncIteration:
                return
    finally:
        stopping.cancel()
        if coming is not None and not coming.done():
            coming.cancel()
            await asyncio.wait({coming})
        await stream.aclose()
