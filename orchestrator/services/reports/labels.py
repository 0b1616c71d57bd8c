"""What a trip is grouped by in reports, and telling that it has to be counted again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orchestrator.models import ConversationTag, PromptVersion, Trip

if TYPE_CHECKING:
    from orchestrator.services.driving.requests import TripRequest

MOST_PROFILE_CHARS = 63


def of(request: "TripRequest", conversation_id: UUID | None) -> dict[str, Any]:
    """The fields of a new trip."""
    tags: Iterable[str] = ()
    if conversation_id is not None:
        tagged = ConversationTag.objects.filter(conversation_id=conversation_id)
        tags = tagged.values_list("name", flat=True)
    version = _version(request.prompt_version, request.answers)
    return {
        "profile": request.profile[:MOST_PROFILE_CHARS],
        "tags": joined(tags),
        "prompt_id": version.prompt_id if version else None,
    }


def prompt_of(trip: Trip) -> PromptVersion | None:
    """The version that the trip's text was made with, as long as there is one."""
    if trip.prompt_id is None:
        return None
    asked = trip.payload.request or {}
    return _version(asked.get("prompt_version"), asked.get("answers"))


def _version(pk: int | None, message: Any) -> PromptVersion | None:
    """Given with the request, or with the message of a chat that it answers."""
    known = PromptVersion.objects.select_related("prompt")
    if pk is not None:
        return known.filter(pk=pk).first()
    return known.filter(messages=message).first() if message is not None else None


def joined(tags: Iterable[str]) -> str:
    """Each on its own line, so that one tag is never found within another."""
    names = sorted({tag for tag in tags if tag})
    return f"\n{chr(10).join(names)}\n" if names else ""


def line_of(tag: str) -> str:
    return f"\n{tag}\n"


def split(tags: str) -> list[str]:
    return [tag for tag in tags.split("\n") if tag]


def retag(conversation_id: UUID, tags: Iterable[str]) -> None:
    """A chat's tags hold for all of its trips, also for those of before."""
    trips = Trip.objects.filter(conversation_id=conversation_id)
    now = joined(tags)
    trips.exclude(tags=now).update(tags=now, counted_at=None)


def recount(trip_id: UUID) -> None:
    """Its money or what people say of it has changed since it was counted."""
    Trip.objects.filter(pk=trip_id).update(counted_at=None)
