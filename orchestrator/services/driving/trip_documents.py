"""A trip as one document: for the command line's JSON, the library and exports."""

from typing import Any
from uuid import UUID

from orchestrator.models import Leg, Trip
from orchestrator.services.driving import trips

TRIP = (
    "state", "source", "pattern", "road", "gear", "throttle", "headline", "currency", "cost_nano",
    "baseline_gear", "baseline_nano", "input_tokens", "cached_input_tokens", "cache_write_tokens",
    "output_tokens", "reasoning_tokens", "is_exploration", "error_code", "error",
)  # fmt: skip
LEG = (
    "gear", "level", "provider", "model_id", "throttle", "attempt", "state", "seconds",
    "first_token_s", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens",
    "is_usage_estimated", "currency", "cost_nano", "stop_reason", "error_code", "error",
)  # fmt: skip


def document(trip_id: UUID) -> dict[str, Any]:
    trip = Trip.objects.select_related("payload").get(pk=trip_id)
    return {
        "id": str(trip.pk),
        **{name: getattr(trip, name) for name in TRIP},
        "saved_nano": trips.saved_nano(trip),
        "created_at": trip.created_at.isoformat(),
        "finished_at": trip.finished_at.isoformat() if trip.finished_at else None,
        "answer": trip.payload.answer,
        "tool_calls": trip.payload.tool_calls,
        "receipt": trip.payload.receipt,
        "steps": [
            {"path": step.path, "name": step.name, "gear": step.gear, "text": step.text}
            for step in trip.steps.all()
        ],
        "legs": [_leg(leg) for leg in trip.legs.all()],
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {"id": str(leg.pk), **{name: getattr(leg, name) for name in LEG}}
