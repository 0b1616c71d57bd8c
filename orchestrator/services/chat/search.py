"""Find chats by what was written in them. The database keeps the index itself, by triggers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Substr

from orchestrator.models import Conversation, Message
from orchestrator.services.chat import search_words, snippets
from orchestrator.services.chat.search_words import Words
from orchestrator.services.chat.snippets import Piece as Piece

# What is written after that is not in the index.
MOST_CHARS = 100_000

SQLITE = """
    SELECT conversation_id, message_id, -rank AS quality FROM chat_search WHERE chat_search MATCH %s
"""
POSTGRESQL = """
    SELECT found.conversation_id, message_id, ts_rank(words, sought, 1) AS quality
    FROM chat_search AS found CROSS JOIN CAST(%s AS tsquery) AS sought
    LEFT JOIN orchestrator_message AS message ON message.id = message_id
    LEFT JOIN orchestrator_conversation AS titled ON titled.id = found.conversation_id
    WHERE words @@ sought AND found.user_id = %s
"""
# Its words index single letters of other scripts, so that these stand together must be seen.
POSTGRESQL_RUN = " AND strpos(CASE WHEN message_id IS NULL THEN title ELSE text END, %s) > 0"
# The index of words must be asked first, and once; a plan that goes through the chats instead asks
# it for each of them. SQLite keeps the order of a cross join, PostgreSQL that of a lateral one.
CHAT = {
    "sqlite": "orchestrator_conversation AS chat",
    "postgresql": """LATERAL (
        SELECT * FROM orchestrator_conversation WHERE id = found.conversation_id OFFSET 0
    ) AS chat""",
}
ORDERED = """
    SELECT conversation_id, message_id
    FROM ({found}) AS found CROSS JOIN {chat}
    WHERE chat.id = conversation_id AND chat.user_id = %s AND chat.deleted_at IS NULL
    ORDER BY message_id IS NOT NULL, quality DESC, updated_at DESC, conversation_id DESC,
        message_id DESC
    LIMIT %s
"""
# Messages read for every chat that is shown. Leaving the grouping to SQLite takes four times as
# long where a word stands in 100,000 messages.
AHEAD = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A chat. Without a message it is the title that was found."""

    conversation_id: UUID
    title: str
    message_id: UUID | None
    snippet: tuple[Piece, ...]
    updated_at: datetime
    is_archived: bool


def find(user_id: int, words: str, *, limit: int = 30) -> list[Hit]:
    """Chats that say all of these words in their title or in one message; the last may be begun.

    Titles come first, then what says it most densely, then what is newer.
    """
    sought = search_words.read(words)
    if not sought:
        return []
    places = _places(user_id, sought, limit)
    chats = Conversation.objects.in_bulk(list(places))
    texts = _texts([message_id for message_id in places.values() if message_id])
    return [
        _hit(chats[chat_id], message_id, texts, sought)
        for chat_id, message_id in places.items()
        if chat_id in chats
    ]


def _places(user_id: int, words: Words, limit: int) -> dict[UUID, UUID | None]:
    """The best message of each chat, or None for its title, the best chats first."""
    most = limit * AHEAD
    while True:
        rows = _rows(user_id, words, most)
        best: dict[UUID, UUID | None] = {}
        for chat_id, message_id in rows:
            best.setdefault(chat_id, message_id)
        if len(best) >= limit or len(rows) < most:
            return dict(islice(best.items(), limit))
        most *= AHEAD


def _rows(user_id: int, words: Words, most: int) -> list[tuple[UUID, UUID | None]]:
    is_postgresql = connection.vendor == "postgresql"
    found, values = _postgresql(user_id, words) if is_postgresql else _sqlite(words)
    with connection.cursor() as cursor:
        ordered = ORDERED.format(found=found, chat=CHAT[connection.vendor])
        cursor.execute(ordered, [*values, user_id, most])
        return [
            (UUID(str(chat_id)), UUID(str(message_id)) if message_id else None)
            for chat_id, message_id in cursor.fetchall()
        ]


def _sqlite(words: Words) -> tuple[str, list[Any]]:
    return SQLITE, [f"text : ({words.for_sqlite()})"]


def _postgresql(user_id: int, words: Words) -> tuple[str, list[Any]]:
    found = POSTGRESQL + POSTGRESQL_RUN * len(words.runs)
    return found, [words.for_postgresql(), user_id, *words.runs]


def _texts(message_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = Message.objects.filter(pk__in=message_ids)
    return dict(rows.values_list("pk", Substr("text", 1, MOST_CHARS)))


def _hit(
    chat: Conversation, message_id: UUID | None, texts: Mapping[UUID, str], words: Words
) -> Hit:
    if message_id is None:
        snippet = snippets.mark(chat.title, words)
    else:
        snippet = snippets.cut(texts.get(message_id, ""), words)
    return Hit(
        conversation_id=chat.pk,
        title=chat.title,
        message_id=message_id,
        snippet=snippet,
        updated_at=chat.updated_at,
        is_archived=chat.archived_at is not None,
    )
