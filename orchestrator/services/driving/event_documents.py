"""Events as JSON: what the log keeps and every reader of it receives."""

from dataclasses import asdict
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
    events.StepMoved: "step_moved",
    events.SwarmMoved: "swarm_moved",
    events.RunPaused: "run_paused",
    events.GaugeMoved: "gauge_moved",
    events.TripFinished: "trip_finished",
}
MOST_JOINED_CHARS = 16_384
LAST = KINDS[events.TripFinished]


def kind_of(event: Event) -> str:
    return KINDS[type(event)]


def payload_of(event: Event) -> dict[str, Any]:
    return asdict(event)


def joined(first: Event, second: Event) -> Event | None:
    """Two neighbouring pieces of the same text as one event, or None where they do not join."""
    match first, second:
        case events.Text(), events.Text() if first.leg == second.leg and _fits(first.text):
            return events.Text(first.leg, first.text + second.text)
        case events.Thinking(), events.Thinking() if first.leg == second.leg:
            # a signature closes its block: what comes after belongs to the next one
            if not first.signature and _fits(first.text):
                return events.Thinking(first.leg, first.text + second.text, second.signature)
    return None


def _fits(text: str) -> bool:
    return len(text) < MOST_JOINED_CHARS
