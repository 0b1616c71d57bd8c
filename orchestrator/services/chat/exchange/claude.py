"""The export of Claude: a list of chats, each a list of messages with blocks of content."""

from collections.abc import Mapping
from typing import Any

from orchestrator.services.chat.exchange import loose
from orchestrator.services.chat.exchange.lineage import KeptAncestors
from orchestrator.services.chat.exchange.neutral import ChatDocument, MessageDocument

ROLES = {"human": "user", "assistant": "assistant"}


def recognizes(item: Mapping[str, Any]) -> bool:
    return isinstance(item.get("chat_messages"), list)


def read(item: Mapping[str, Any]) -> ChatDocument:
    entries = loose.tables(item.get("chat_messages"))
    ids = [loose.text(entry.get("uuid")) or f"#{place}" for place, entry in enumerate(entries)]
    said = {
        message_id: text for message_id, entry in zip(ids, entries, strict=True)
        if ROLES.get(loose.text(entry.get("sender"))) and (text := _text(entry))
    }  # fmt: skip
    ancestors = KeptAncestors(_parents(ids, entries), said)
    model = loose.text(item.get("model"))
    messages = tuple(
        _message(message_id, entry, said[message_id], ancestors, model)
        for message_id, entry in zip(ids, entries, strict=True)
        if message_id in said
    )
    leaf = loose.text(item.get("current_leaf_message_uuid")) or (ids[-1] if ids else "")
    return ChatDocument(
        id=loose.text(item.get("uuid")),
        title=loose.text(item.get("name")),
        created_at=loose.moment(item.get("created_at")),
        updated_at=loose.moment(item.get("updated_at")),
        tags=(),
        messages=messages,
        head=ancestors.of(leaf),
    )


def _parents(ids: list[str], entries: list[dict[str, Any]]) -> dict[str, str]:
    """Older exports name no parents: there each message follows the one before it."""
    if any("parent_message_uuid" in entry for entry in entries):
        named = (loose.text(entry.get("parent_message_uuid")) for entry in entries)
        return dict(zip(ids, named, strict=True))
    return dict(zip(ids, ["", *ids], strict=False))


def _message(
    message_id: str,
    entry: Mapping[str, Any],
    text: str,
    ancestors: KeptAncestors,
    model: str,
) -> MessageDocument:
    role = ROLES[loose.text(entry.get("sender"))]
    return MessageDocument(
        id=message_id,
        parent=ancestors.above(message_id),
        role=role,
        text=text,
        model_name=model if role == "assistant" else "",
        created_at=loose.moment(entry.get("created_at")),
    )


def _text(entry: Mapping[str, Any]) -> str:
    blocks = loose.tables(entry.get("content"))
    written = [loose.text(each.get("text")) for each in blocks if each.get("type") == "text"]
    text = "\n\n".join(filter(str.strip, written)) or loose.text(entry.get("text"))
    return "\n\n".join(filter(str.strip, [text, *_files(entry)]))


def _files(entry: Mapping[str, Any]) -> list[str]:
    """The text of what was attached; of pictures and the like only the name is exported."""
    attached = {_name(each): each for each in loose.tables(entry.get("files"))}
    attached |= {_name(each): each for each in loose.tables(entry.get("attachments"))}
    return [
        _file(name, loose.text(each.get("extracted_content"))) for name, each in attached.items()
    ]


def _file(name: str, content: str) -> str:
    return f"File {name}:\n\n{content}" if content.strip() else f"[{name}: not in the export]"


def _name(entry: Mapping[str, Any]) -> str:
    return loose.text(entry.get("file_name")) or "file"
