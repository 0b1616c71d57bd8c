"""What a pattern asks of the outside: opening, sending and closing legs. Services provide it."""

import asyncio
from collections.abc import Sequence
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
        """What a place produced before its driver died; it is never driven again."""

    async def remember(self, path: str, name: str, answer: Answer) -> None: ...

    async def mark_sent(self, ticket: Ticket) -> None: ...

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
