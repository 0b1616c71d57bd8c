"""Small files as the products export them, built in code."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

NOON = 1_780_000_000.0


def node(
    key: str,
    parent: str | None,
    role: str = "user",
    text: str = "",
    *,
    second: float = 0,
    content: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One node of a ChatGPT mapping; `more` are further fields of its message."""
    message: dict[str, Any] = {
        "id": key,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": NOON + second,
        "content": content or {"content_type": "text", "parts": [text]},
        "recipient": "all",
        "metadata": {},
        **more,
    }
    return {key: {"id": key, "message": message, "parent": parent, "children": []}}


def root(key: str = "root") -> dict[str, Any]:
    return {key: {"id": key, "message": None, "parent": None, "children": []}}


def chatgpt(*nodes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    mapping = {key: value for each in nodes for key, value in each.items()}
    return {
        "conversation_id": "chat-1",
        "title": "A question",
        "create_time": NOON,
        "update_time": NOON + 60,
        "mapping": mapping,
        "current_node": next(reversed(mapping), None),
        **fields,
    }


def short_chatgpt(number: int = 1, **fields: Any) -> dict[str, Any]:
    return chatgpt(
        root(),
        node("q", "root", text=f"Question {number}?", second=1),
        node("a", "q", "assistant", f"Answer {number}.", second=2),
        **{"conversation_id": f"chat-{number}", "title": f"Chat {number}", **fields},
    )


def claude_message(uuid: str, sender: str, text: str, **fields: Any) -> dict[str, Any]:
    return {
        "uuid": uuid,
        "sender": sender,
        "text": text,
        "content": [{"type": "text", "text": text, "citations": []}],
        "created_at": "2026-05-28T20:27:00.123456Z",
        "attachments": [],
        "files": [],
        **fields,
    }


def claude(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "uuid": "claude-1",
        "name": "A talk",
        "created_at": "2026-05-28T20:26:40.000000Z",
        "updated_at": "2026-05-28T20:30:00.000000Z",
        "account": {"uuid": "account"},
        "chat_messages": list(messages),
        **fields,
    }


def own(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "format": "clutch-chat",
        "version": 1,
        "id": "own-1",
        "title": "Ours",
        "created_at": "2026-05-28T20:26:40+00:00",
        "updated_at": "2026-05-28T20:26:40+00:00",
        "tags": [],
        "head": "",
        "messages": list(messages),
        **fields,
    }


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


def zipped(files: Mapping[str, Any]) -> bytes:
    """Documents are written as JSON, bytes as they are."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else as_json(content))
    return sink.getvalue()
