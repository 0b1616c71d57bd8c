"""What a drive has said so far: its facts, and its answer in blocks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.gateway.faults import Refused
from orchestrator.patterns.events import (
    Event,
    LegFinished,
    LegStarted,
    Routed,
    RunPaused,
    Text,
    Thinking,
    ToolCall,
    TripFinished,
)
from orchestrator.providers.vocabulary import StopReason, Usage
from orchestrator.routing.types import Pattern

NANO = 10**9
STOPPED = "Trip {} was stopped before its end. Send it again, with a new idempotency key if any."


@dataclass(slots=True)
class TextBlock:
    """Kept in pieces: a text that grows by a word at a time would be copied for each of them."""

    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class ThinkingBlock:
    gear: str
    pieces: list[str] = field(default_factory=list)
    signature: str = ""

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class CallBlock:
    """`index` is the provider's number of the call; `arguments` is JSON as it came."""

    index: int
    id: str
    name: str
    gear: str
    pieces: list[str] = field(default_factory=list)
    signature: str = ""

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)


Block = ThinkingBlock | TextBlock | CallBlock


@dataclass(slots=True)
class Gathered:
    """Everything a client is told beside the words themselves."""

    trip: str = ""
    is_run: bool = False
    cap_nano: int | None = None
    road: str = ""
    gear: str = ""
    currency: str = "usd"
    cost_nano: int = 0
    usage: Usage = field(default_factory=Usage)
    stop_reason: StopReason = StopReason.END
    blocks: list[Block] = field(default_factory=list)

    @property
    def cost_usd(self) -> str:
        return dollars(self.cost_nano)

    @property
    def text(self) -> str:
        return "".join(block.text for block in self.blocks if isinstance(block, TextBlock))

    @property
    def thinking(self) -> str:
        return "".join(block.text for block in self.blocks if isinstance(block, ThinkingBlock))

    @property
    def calls(self) -> list[CallBlock]:
        return [block for block in self.blocks if isinstance(block, CallBlock)]

    def headers(self, *, has_ended: bool) -> dict[str, str]:
        told = {"x-clutch-trip": self.trip, "x-clutch-road": self.road, "x-clutch-gear": self.gear}
        if self.cap_nano is not None:
            told["x-clutch-cap-usd"] = dollars(self.cap_nano)
        if has_ended:
            told |= {"x-clutch-cost-usd": self.cost_usd, "x-clutch-currency": self.currency}
        return {name: value for name, value in told.items() if value}

    def document(self) -> dict[str, str]:
        """The same within an answer, for clients that do not show headers."""
        names = ("trip", "road", "gear", "cost_usd", "currency")
        return {name: getattr(self, name) for name in names}

    def take(self, event: Event) -> None:
        match event:
            case Routed(receipt):
                self._route(receipt)
            case LegStarted(gear=gear):
                self.gear = self.gear if self.is_run else gear
            case LegFinished(state="done", stop_reason=StopReason() as reason):
                self.stop_reason = reason
            case Text(text=text):
                self._text(text)
            case Thinking():
                self._think(event)
            case ToolCall():
                self._call(event)
            case TripFinished():
                self._finish(event)
            case _:
                pass

    def _route(self, receipt: Mapping[str, Any]) -> None:
        self.road = (receipt.get("road") or {}).get("name", "")
        self.gear = receipt.get("gear", "")
        self.is_run = is_run(receipt)
        self.currency = "demo" if receipt.get("is_demo") else "usd"

    def _text(self, text: str) -> None:
        if not self.blocks or not isinstance(self.blocks[-1], TextBlock):
            self.blocks.append(TextBlock())
        self.blocks[-1].pieces.append(text)

    def _think(self, event: Thinking) -> None:
        last = self.blocks[-1] if self.blocks else None
        if not isinstance(last, ThinkingBlock) or last.signature:
            last = ThinkingBlock(self.gear)
            self.blocks.append(last)
        last.pieces.append(event.text)
        last.signature = event.signature

    def _call(self, event: ToolCall) -> None:
        for block in self.calls:
            if block.index == event.index:
                block.pieces.append(event.arguments)
                block.signature = event.signature or block.signature
                return
        call = CallBlock(event.index, event.id, event.name, self.gear, [event.arguments])
        call.signature = event.signature
        self.blocks.append(call)

    def _finish(self, event: TripFinished) -> None:
        self.cost_nano, self.currency = event.cost_nano, event.currency
        self.usage = event.usage


def is_run(receipt: Mapping[str, Any]) -> bool:
    """A rule may ask for several calls where the client did not."""
    return bool(receipt.get("pattern", Pattern.SINGLE) != Pattern.SINGLE)


def dollars(nano: int) -> str:
    """Exact to the last nano-dollar."""
    return f"{nano // NANO}.{nano % NANO:09d}"


def paused(trip: str, reason: str, options: str = "") -> str:
    how = f"To go on: clutch runs resume {trip}{options}, or the page /runs/{trip}/."
    return f"Run {trip} is paused. {reason} {how}"


def refusal(trip: str, event: TripFinished | RunPaused) -> Refused | None:
    """Why there is no whole answer; None where there is one."""
    if isinstance(event, RunPaused):
        cap = " --cap DOLLARS" if event.code == "cap" else ""
        return Refused(event.code, paused(trip, event.reason, cap), trip=trip)
    if event.state == "done":
        return None
    said = f"{event.error} {event.next_step}".strip() or STOPPED.format(trip)
    refused = Refused(event.error_code or event.state, said, trip=trip)
    refused.retry_after_s = event.retry_after_s
    return refused


def arguments_of(block: CallBlock) -> dict[str, Any]:
    """Whole calls were checked by the engine to be objects."""
    found = json.loads(block.arguments or "{}")
    return dict(found)
