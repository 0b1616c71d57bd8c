"""What a trip is grouped by in reports, and telling that it has to be counted again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from orchestrator.models import ConversationTag, Trip

if TYPE_CHECKING:
    from orchestrator.services.driving.requests import TripRequest

MOST_PROFILE_CHARS = 63


def of(request: "TripRequest", conversation_id: UUID | None) -> dict[str, Any]:
    """The fields of a new trip."""
    tags: Iterable[str] = ()
    if conversation_id is not None:
        tagged = ConversationTag.objects.filter(conversation_id=conversation_id)
        tags = tagged.values_list("name", flat=True)
    return {"profile": request.profile[:MOST_PROFILE_CHARS], "tags": joined(tags)}


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
