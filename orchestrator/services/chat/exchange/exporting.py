"""A chat as a document: Markdown of the branch that is shown, or JSON of all of it."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from orchestrator.models import Attachment, Conversation, Leg, Message, Trip
from orchestrator.routing import fuel
from orchestrator.services.chat.exchange import enclosures, own
from orchestrator.services.chat.exchange.enclosures import Room
from orchestrator.services.chat.tree import Node, Tree

UNTITLED = "Untitled chat"
TOKENS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
)


def load(conversations: list[Conversation]) -> list[Conversation]:
    """Everything that a document needs, in a few queries for all of them together."""
    legs = Leg.objects.filter(state=Leg.State.DONE).only("trip_id", "model_id").order_by("pk")
    files = Attachment.objects.only("name", "media_type", "size")
    messages = Message.objects.select_related("trip").defer("html").order_by("pk")
    messages = messages.prefetch_related(
        Prefetch("trip__legs", legs), Prefetch("attachments", files)
    )
    prefetch_related_objects(conversations, "tags", Prefetch("messages", messages))
    return conversations


def as_json(conversation: Conversation, room: Room | None = None) -> dict[str, Any]:
    """The whole tree; what of it can be imported again is in the words of `own`."""
    load([conversation])
    messages = conversation.messages.all()
    return {
        "format": own.FORMAT,
        "version": own.VERSION,
        "id": str(conversation.pk),
        "title": conversation.title,
        "created_at": _iso(conversation.created_at),
        "updated_at": _iso(conversation.updated_at),
        "tags": [tag.name for tag in conversation.tags.all()],
        "head": str(conversation.head_id or ""),
        "messages": [_message(message) for message in messages],
        "files": enclosures.documents(messages, room or Room()),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.pk),
        "parent": str(message.parent_id or ""),
        "role": message.role,
        "text": message.text,
        "model_name": message.model_name,
        "created_at": _iso(message.created_at),
        "attachments": [
            {"id": str(file.pk), **enclosures.claims(file)} for file in message.attachments.all()
        ],
        "trip": _trip(message.trip) if message.trip else None,
    }


def _trip(trip: Trip) -> dict[str, Any]:
    return {
        "id": str(trip.pk),
        "gear": trip.gear,
        "model": _model(trip),
        "cost_nano": trip.cost_nano,
        "currency": trip.currency,
        **{name: getattr(trip, name) for name in TOKENS},
    }


def _model(trip: Trip) -> str:
    """That of the last call which ended well: it wrote the answer."""
    return next((leg.model_id for leg in reversed(trip.legs.all())), "")


def as_markdown(conversation: Conversation) -> str:
    load([conversation])
    title = " ".join(conversation.title.split()) or UNTITLED
    parts = [f"# {title}", f"{conversation.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"]
    for message in _shown(conversation):
        parts += [f"## {_speaker(message)}", *_turn(message)]
    return "\n\n".join(parts) + "\n"


def _shown(conversation: Conversation) -> list[Message]:
    messages = {message.pk: message for message in conversation.messages.all()}
    nodes = (Node(each.pk, each.parent_id, each.role) for each in messages.values())
    return [messages[node.id] for node in Tree(nodes).path(conversation.head_id)]


def _speaker(message: Message) -> str:
    if message.role == Message.Role.USER:
        return "You"
    if message.trip is None:
        return message.model_name or "Assistant"
    gear, model = message.trip.gear, _model(message.trip)
    return " · ".join(dict.fromkeys(filter(None, (gear, model)))) or "Assistant"


def _turn(message: Message) -> list[str]:
    names = ", ".join(file.name for file in message.attachments.all())
    attached = f"*Attached: {names}*" if names else ""
    cost = _cost(message.trip) if message.trip else ""
    return list(filter(None, (message.text.strip("\n"), attached, cost)))


def _cost(trip: Trip) -> str:
    amount = fuel.dollars(trip.cost_nano) if trip.cost_nano else "$0"
    demo = " demo" if trip.currency == "demo" else ""
    return f"*{amount}{demo} · {trip.input_tokens:,} tokens in, {trip.output_tokens:,} out*"
