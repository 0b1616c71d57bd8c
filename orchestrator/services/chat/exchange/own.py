"""Our own export of a chat as JSON, read back."""

from collections.abc import Mapping
from typing import Any

from orchestrator.services.chat.exchange import loose
from orchestrator.services.chat.exchange.neutral import (
    ChatDocument,
    ExportUnreadable,
    FileDocument,
    MessageDocument,
)

FORMAT = "clutch-chat"
VERSION = 1
ROLES = frozenset({"user", "assistant"})


def recognizes(item: Mapping[str, Any]) -> bool:
    return item.get("format") == FORMAT


def read(item: Mapping[str, Any]) -> ChatDocument:
    version = item.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ExportUnreadable("A newer Clutch Web made this file; update this one.")
    entries = enumerate(loose.tables(item.get("messages")))
    return ChatDocument(
        id=loose.text(item.get("id")),
        title=loose.text(item.get("title")),
        created_at=loose.moment(item.get("created_at")),
        updated_at=loose.moment(item.get("updated_at")),
        tags=tuple(loose.texts(item.get("tags"))),
        messages=tuple(_message(place, entry) for place, entry in entries if _is_turn(entry)),
        head=loose.text(item.get("head")),
        files=tuple(_file(entry) for entry in loose.tables(item.get("files"))),
    )


def _is_turn(entry: Mapping[str, Any]) -> bool:
    return loose.text(entry.get("role")) in ROLES


def _message(place: int, entry: Mapping[str, Any]) -> MessageDocument:
    """What answered is its model's name, or the gear where it was driven by a trip."""
    trip = loose.table(entry.get("trip"))
    return MessageDocument(
        id=loose.text(entry.get("id")) or f"#{place}",
        parent=loose.text(entry.get("parent")),
        role=loose.text(entry["role"]),
        text=loose.text(entry.get("text")),
        model_name=loose.text(entry.get("model_name")) or loose.text(trip.get("gear")),
        created_at=loose.moment(entry.get("created_at")),
        files=tuple(loose.text(file.get("id")) for file in loose.tables(entry.get("attachments"))),
    )


def _file(entry: Mapping[str, Any]) -> FileDocument:
    return FileDocument(
        loose.text(entry.get("id")), loose.text(entry.get("name")), loose.text(entry.get("data"))
    )
