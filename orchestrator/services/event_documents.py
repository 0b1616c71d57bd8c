"""Events as JSON: what the log keeps and every reader of it receives."""

from dataclasses import asdict, fields
from typing import Any

from orchestrator.patterns import events
from orchestrator.patterns.events import Event

KINDS: dict[type[Any], str] = {
    events.Routed: "routed",
    events.LegStarted: "leg_started",
    events.Text: "text",
    events.Thinking: "thinking",
    events.ToolCall: "tool_call",
    events.GearShifted: "gear_shifted",
    events.LegFinished: "leg_finished",
    events.GaugeMoved: "gauge_moved",
    events.TripFinished: "trip_finished",
}
LAST = KINDS[events.TripFinished]


def kind_of(event: Event) -> str:
    return KINDS[type(event)]


def payload_of(event: Event) -> dict[str, Any]:
    return asdict(event)


def joined(first: Event, second: Event) -> Event | None:
    """Two neighbouring pieces of the same text as one event, or None where they do not join."""
    if type(first) is not type(second) or not isinstance(first, events.Text | events.Thinking):
        return None
    names = {field.name for field in fields(first)}
    if first.leg != second.leg or ("signature" in names and getattr(first, "signature", "")):
        return None
    return first.__class__(**{**asdict(second), "text": first.text + second.text})  # type: ignore[union-attr]
