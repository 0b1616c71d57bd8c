"""Conversations: what was said, and what of it is sent along with the next message."""

from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orchestrator.models import Conversation, Message
from orchestrator.providers import vocabulary
from orchestrator.providers.vocabulary import TextPart
from orchestrator.services.driving.requests import TripRequest
from orchestrator.services.people.identity import Caller

TITLE_CHARS = 80
# About 24,000 tokens of history; older turns stay stored but are not sent.
HISTORY_CHARS = 96_000


def start(caller: Caller, text: str) -> Conversation:
    title = " ".join(text.split())[:TITLE_CHARS]
    return Conversation.objects.create(user_id=caller.user_id, title=title)


def add_turn(conversation: Conversation, asked: str, trip_id: UUID, answered: str) -> None:
    """A question and its answer, behind the newest message."""
    with transaction.atomic():
        parent = conversation.messages.order_by("-id").first()
        question = Message.objects.create(
            conversation=conversation, parent=parent, role=Message.Role.USER, text=asked
        )
        Message.objects.create(
            conversation=conversation,
            parent=question,
            role=Message.Role.ASSISTANT,
            text=answered,
            trip_id=trip_id,
        )
        conversation.updated_at = timezone.now()
        conversation.save(update_fields=["updated_at"])


def with_history(conversation: Conversation, request: TripRequest) -> TripRequest:
    """The request behind the turns before it, newest first as far as they fit, whole turns only."""
    turns: list[vocabulary.Message] = []
    chars = 0
    for message in conversation.messages.exclude(text="").order_by("-id"):
        chars += len(message.text)
        if chars > HISTORY_CHARS:
            break
        turns.insert(0, _message(message))
    while turns and turns[0].role != "user":
        turns.pop(0)
    return replace(request, messages=(*turns, *request.messages))


def _message(message: Message) -> vocabulary.Message:
    parts = (TextPart(message.text),)
    if message.role == Message.Role.USER:
        return vocabulary.Message("user", parts)
    return vocabulary.Message("assistant", parts)
