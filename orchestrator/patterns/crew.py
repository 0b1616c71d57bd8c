"""What a pattern asks of the outside: opening, sending and closing legs. Services provide it."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.patterns.events import LegFinished
from orchestrator.patterns.plans import Part, RunPlan
from orchestrator.providers.base import Provider, Timeouts
from orchestrator.providers.errors import ProviderError
from orchestrator.providers.vocabulary import (
    ModelRequest,
    StopReason,
    ToolCallPart,
    Usage,
)
from orchestrator.routing.types import Candidate

# Failures of a run that are none: it waits for a person to raise a cap or a budget.
PAUSING = frozenset({"cap", "budget"})


class LegRefused(Exception):
    """The leg may not start: a budget is used up or the breaker is open. Nothing was spent."""

    def __init__(self, code: str, message: str, next_step: str = "", *, can_shift: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.can_shift = can_shift


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened leg: its money is held, its row is written, nothing was sent yet."""

    leg: str
    candidate: Candidate
    attempt: int
    provider: Provider
    request: ModelRequest
    timeouts: Timeouts


@dataclass(slots=True)
class Answer:
    """What one place in a pattern has produced so far, across attempts."""

    text: str = ""
    thinking: str = ""
    tool_calls: list[ToolCallPart] = field(default_factory=list)
    stop_reason: StopReason | None = None
    gear: str = ""
    # Whether anybody has seen a piece of it: from then on no other gear may take over.
    has_shown: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.thinking or self.tool_calls)


@dataclass(frozen=True, slots=True)
class LegResult:
    """How a leg ended. `usage` None means the provider did not tell and must be estimated."""

    usage: Usage | None
    delivered_chars: int
    stop_reason: StopReason | None = None
    error: ProviderError | None = None
    is_stopped: bool = False
    was_sent: bool = True
    request_id: str = ""
    keep: "Kept | None" = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a place has produced, written down together with the end of its leg.

    Until it `is_accepted` the place is still open, but what was paid for is not lost.
    """

    path: str
    name: str
    answer: Answer
    is_accepted: bool = True
    # What the place was asked, for whoever looks at it later; an item has it already.
    given: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a swarm that is not done. `answer` is what a crash left unaccepted."""

    path: str
    number: int
    given: str
    interruptions: int = 0
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Result:
    number: int
    given: str
    text: str


@dataclass(frozen=True, slots=True)
class Tally:
    total: int
    done: int
    failed: int


class Crew(Protocol):
    """The side of a pattern that knows database, clock and chance."""

    stop: asyncio.Event

    async def open_leg(
        self, path: str, candidate: Candidate, attempt: int, request: ModelRequest
    ) -> Ticket:
        """Hold the money and write the row, or raise `LegRefused`."""

    run_plan: RunPlan | None

    async def candidates_for(self, part: Part, request: ModelRequest) -> Sequence[Candidate]:
        """A decision of its own for one place, or `LegFailed` where nothing can take it."""

    async def recall(self, path: str) -> Answer | None:
        """What a place produced before its driver died; it is never driven again.

        Raises `LegFailed` for a place whose drivers die again and again.
        """

    async def lay_out(self, path: str, name: str, items: Sequence[str]) -> None:
        """Write the items of a swarm down, unless they stand there already."""

    async def tally(self, path: str) -> Tally: ...

    async def open_items(self, path: str, after: int, most: int) -> Sequence[Item]:
        """The items after a number that are neither done nor failed, in order."""

    async def suspects(self, path: str) -> Sequence[Item]:
        """Open items under which a driver died, those where it happened least often first."""

    @property
    def attempt(self) -> int:
        """How many times this run was begun; what is asked again stands under another path."""

    async def results(self, path: str, after: int, most: int) -> Sequence[Result]:
        """The items after a number that are done, in order."""

    async def accept(self, path: str) -> None: ...

    async def give_up(self, path: str, error: str) -> None: ...

    def money(self) -> tuple[int, int]:
        """What the run has spent and what it holds, in nano-dollars."""

    def is_pausing(self) -> bool:
        """Whether nothing new should be begun."""

    def allow(self, parallel: int) -> None:
        """How many calls of this run may be under way at a time from now on."""

    def sending(self, ticket: Ticket) -> AbstractAsyncContextManager[None]:
        """Around the call itself: waits for a place at the provider and gives it back."""

    def mark_first_token(self, ticket: Ticket) -> None: ...

    async def close_leg(self, ticket: Ticket, result: LegResult) -> LegFinished: ...

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until the trip is stopped."""

    def candidates(self) -> Sequence[Candidate]:
        """The plan's choice and its fallbacks, in the order the clutch should try them."""

    def may_retry(self) -> bool:
        """Take one retry from the process-wide budget, if it has one left."""

    def seconds_left(self) -> float: ...

    def random(self) -> float: ...
