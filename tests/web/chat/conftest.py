"""A person with a chat page, and turns that are answered without driving anything."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import Conversation, Leg, Message, Trip, User
from orchestrator.services.chat import conversations
from orchestrator.services.upkeep import startup

Send = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def prepared(ada: User) -> None:
    startup.prepare()


@pytest.fixture
def send(page: Client) -> Send:
    """What the composer does; the chat goes on where it stands."""

    def send(text: str, chat: str = "", **fields: Any) -> dict[str, Any]:
        chat = chat or str(uuid4())
        kept = Conversation.objects.filter(pk=chat).first()
        head = kept.head_id if kept else ""
        answer = page.post(
            "/chat/send/", {"text": text, "chat": chat, "parent": head or "", **fields}
        )
        return {"status": answer.status_code, **answer.json()}

    return send


def finish(chat_id: str, text: str = "**Done**", **fields: Any) -> Message:
    """Ends the newest answer of a chat as its driver would."""
    message = Message.objects.filter(conversation_id=chat_id, role="assistant").latest("pk")
    known = {"state": "done", "gear": "demo-3", "road": "standard", "currency": "demo"}
    Trip.objects.filter(pk=message.trip_id).update(
        finished_at=timezone.now(), **{**known, **fields}
    )
    Leg.objects.create(
        trip_id=message.trip_id,
        gear="demo-3",
        level=3,
        provider="demo",
        model_id="demo-3",
        throttle=50,
        started_at=timezone.now(),
        state="done",
        seconds=2.0,
        first_token_s=0.5,
        output_tokens=90,
    )
    Message.objects.filter(pk=message.pk).update(text=text)
    message.refresh_from_db()
    return message


def long_chat(user: User, count: int) -> Conversation:
    """A chat of so many turns, written in one go."""
    chat = conversations.start(user.pk)
    made: list[Message] = []
    for number in range(count):
        role = Message.Role.ASSISTANT if number % 2 else Message.Role.USER
        parent = made[-1] if made else None
        made.append(Message(conversation=chat, parent=parent, role=role, text=f"turn {number}"))
    Message.objects.bulk_create(made)
    chat.head = made[-1]
    chat.save()
    return chat
