"""A request that was answered before, told again from what was kept: nothing is paid twice."""

import json
from collections.abc import Iterator

from orchestrator.models import Leg, Trip
from orchestrator.patterns.events import (
    Event,
    LegFinished,
    Routed,
    RunPaused,
    Text,
    Thinking,
    ToolCall,
    TripFinished,
)
from orchestrator.providers.vocabulary import StopReason, Usage


def of(trip: Trip) -> list[Event] | None:
    """The events that matter to a client; None for a trip that is still to be driven."""
    if trip.state == Trip.State.PAUSED:
        return [_routed(trip), RunPaused(trip.error_code, trip.error)]
    if not trip.is_final:
        return None
    if trip.state != Trip.State.DONE:  # half an answer is not told as if it were one
        return [_routed(trip), _finished(trip)]
    return [_routed(trip), *_content(trip), *_leg(trip), _finished(trip)]


def _routed(trip: Trip) -> Routed:
    return Routed(trip.payload.receipt or {})


def _content(trip: Trip) -> Iterator[Event]:
    payload = trip.payload
    if payload.thinking:
        yield Thinking("", payload.thinking)
    if payload.answer:
        yield Text("", payload.answer)
    for index, call in enumerate(payload.tool_calls):
        yield ToolCall("", index, call["id"], call["name"], json.dumps(call["arguments"]))


def _leg(trip: Trip) -> Iterator[LegFinished]:
    """The last call that was answered says why the answer ends."""
    leg = trip.legs.filter(state=Leg.State.DONE).order_by("-id").first()
    if leg is not None:
        reason = StopReason(leg.stop_reason) if leg.stop_reason else None
        yield LegFinished("", "done", leg.gear, Usage(), 0, leg.currency, 0.0, None, reason)


def _finished(trip: Trip) -> TripFinished:
    usage = Usage(
        trip.input_tokens,
        trip.output_tokens,
        trip.cached_input_tokens,
        trip.cache_write_tokens,
        trip.reasoning_tokens,
    )
    return TripFinished(
        trip.state,  # type: ignore[arg-type]
        trip.payload.answer,
        trip.cost_nano,
        trip.currency,
        usage,
        0.0,
        error_code=trip.error_code,
        error=trip.error,
    )
