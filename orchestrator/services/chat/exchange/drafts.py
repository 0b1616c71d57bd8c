"""A chat from a file as the rows it becomes: texts cleaned, ids of our own, times kept."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from orchestrator.models import Attachment, Conversation, ConversationTag, ImportBatch, Message
from orchestrator.models.ids import new_id
from orchestrator.services.chat.attachments import MAX_FILES
from orchestrator.services.chat.conversations import MOST_TAGS, title_from
from orchestrator.services.chat.exchange import enclosures
from orchestrator.services.chat.exchange.lineage import parents_first, timed
from orchestrator.services.chat.exchange.neutral import ChatDocument, MessageDocument

TITLE_CHARS = 200
ID_CHARS = 100
# Half a pair of these is no character, and databases refuse NUL.
SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    return SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def title_of(chat: ChatDocument) -> str:
    """Its own, else the first line of it that says something."""
    title = " ".join(clean(chat.title).split())[:TITLE_CHARS]
    return title or title_from(clean(next((each.text for each in chat.messages), "")))


def id_of(chat: ChatDocument) -> str:
    """The id it had elsewhere; a chat without one is known by what it says."""
    known = clean(chat.id).strip()
    if known and len(known) <= ID_CHARS:
        return known
    digest = hashlib.sha256(known.encode())
    for part in [] if known else [chat.title, *(each.text for each in chat.messages)]:
        digest.update(clean(part).encode() + b"\x00")
    return f"sha256:{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Draft:
    conversation: Conversation
    tags: list[ConversationTag]
    messages: list[Message]
    files: list[Attachment]
    # Which message has which file.
    uses: list[tuple[UUID, UUID]]
    # Files that were there and could not be taken.
    refused: int


def draft(chat: ChatDocument, batch: ImportBatch, now: datetime) -> Draft:
    created_at = chat.created_at or _first_time(chat) or now
    documents = timed(parents_first(chat.messages), created_at)
    newest, newest_at = documents[-1]
    conversation = Conversation(
        user_id=batch.user_id,
        title=title_of(chat),
        created_at=created_at,
        updated_at=chat.updated_at or newest_at,
        import_batch=batch,
        imported_id=id_of(chat),
    )
    # Ids are in the order of the messages: a parent's is smaller than that of its children.
    ids = dict(zip((each.id for each, _ in documents), _ids(len(documents)), strict=True))
    conversation.head_id = ids.get(chat.head) or ids[newest.id]
    tags = [ConversationTag(conversation=conversation, name=name) for name in _tags(chat.tags)]
    messages = [_message(each, time, conversation, ids) for each, time in documents]
    files = _files(chat, batch.user_id)
    uses = [
        (ids[each.id], files[name].pk)
        for each, _ in documents
        for name in dict.fromkeys(each.files[:MAX_FILES])
        if name in files
    ]
    refused = sum(bool(file.data) for file in chat.files) - len(files)
    return Draft(conversation, tags, messages, list(files.values()), uses, refused)


def _files(chat: ChatDocument, user_id: int) -> dict[str, Attachment]:
    rows = {
        file.id: enclosures.unpacked(user_id, replace(file, name=clean(file.name)))
        for file in chat.files
        if file.data
    }
    return {name: row for name, row in rows.items() if row is not None}


def _ids(count: int) -> list[UUID]:
    return sorted(new_id() for _ in range(count))


def _first_time(chat: ChatDocument) -> datetime | None:
    return min((each.created_at for each in chat.messages if each.created_at), default=None)


def _message(
    document: MessageDocument, time: datetime, conversation: Conversation, ids: dict[str, UUID]
) -> Message:
    return Message(
        id=ids[document.id],
        conversation=conversation,
        parent_id=ids.get(document.parent),
        role=document.role,
        text=clean(document.text),
        model_name=" ".join(clean(document.model_name).split())[:100],
        created_at=time,
    )


def _tags(names: Sequence[str]) -> list[str]:
    found = {" ".join(clean(name).split()).lower()[:40] for name in names} - {""}
    return sorted(found)[:MOST_TAGS]
