"""A person with a chat, whose answers are written without driving anything."""

import pytest

from orchestrator.models import Conversation, Message, Trip, User
from orchestrator.services.chat import conversations, turns
from orchestrator.services.chat.turns import Sent, Turn
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import startup


@pytest.fixture
def ada(db: None) -> User:
    startup.prepare()
    return User.objects.create_user("ada")


@pytest.fixture
def caller(ada: User) -> Caller:
    return Caller(ada.pk, Trip.Source.CLI)


@pytest.fixture
def chat(ada: User) -> Conversation:
    return conversations.start(ada.pk)


def say(
    caller: Caller, chat: Conversation, text: str, answered: str = "", **wanted: object
) -> Sent:
    """A turn behind the shown end, with its answer."""
    chat.refresh_from_db()
    turn = Turn(text, **{"parent": chat.head_id, **wanted})  # type: ignore[arg-type]
    sent = turns.send(caller, chat, turn)
    Message.objects.filter(pk=sent.answers[0].pk).update(text=answered)
    return sent
