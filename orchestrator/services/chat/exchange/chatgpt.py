"""The export of ChatGPT: each chat a mapping of nodes, most of them not meant to be seen."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from orchestrator.services.chat.exchange import loose
from orchestrator.services.chat.exchange.lineage import KeptAncestors, parents_first
from orchestrator.services.chat.exchange.neutral import ChatDocument, MessageDocument

ROLES = frozenset({"user", "assistant"})
TEXTS = ("text", "multimodal_text")
IMAGE = "[image: not in the export]"
# Marks of sources and widgets, in characters that nothing displays.
MARKS = re.compile("\ue200[^\ue200\ue201]*\ue201|[\ue200-\ue206]")
BACKTICKS = re.compile("`{3,}")
# Code for these is part of an answer; for others it is only a search or the like.
SHOWN_TOOLS = frozenset({"", "all", "python", "canmore"})


def recognizes(item: Mapping[str, Any]) -> bool:
    return isinstance(item.get("mapping"), dict)


def read(item: Mapping[str, Any]) -> ChatDocument:
    nodes = {key: loose.table(node) for key, node in loose.table(item.get("mapping")).items()}
    said = {key: loose.table(node.get("message")) for key, node in nodes.items()}
    texts = {key: text for key, message in said.items() if (text := _text(message))}
    ancestors = KeptAncestors(
        {key: loose.text(node.get("parent")) for key, node in nodes.items()}, texts
    )
    turns = [_message(key, said[key], text, ancestors.above(key)) for key, text in texts.items()]
    messages, places = _joined(parents_first(turns))
    current = ancestors.of(loose.text(item.get("current_node")))
    return ChatDocument(
        id=loose.text(item.get("conversation_id")) or loose.text(item.get("id")),
        title=loose.text(item.get("title")),
        created_at=loose.moment(item.get("create_time")),
        updated_at=loose.moment(item.get("update_time")),
        tags=(),
        messages=tuple(messages),
        head=places.get(current, ""),
    )


def _message(key: str, message: Mapping[str, Any], text: str, parent: str) -> MessageDocument:
    role = _role(message)
    model = loose.text(loose.table(message.get("metadata")).get("model_slug"))
    return MessageDocument(
        id=key,
        parent=parent,
        role=role,
        text=text,
        model_name=model if role == "assistant" else "",
        created_at=loose.moment(message.get("create_time")),
    )


def _role(message: Mapping[str, Any]) -> str:
    return loose.text(loose.table(message.get("author")).get("role"))


def _joined(turns: list[MessageDocument]) -> tuple[list[MessageDocument], dict[str, str]]:
    """Pieces of one answer, between which tools worked, as one; and where each id went."""
    followers = Counter(turn.parent for turn in turns)
    found: dict[str, MessageDocument] = {}
    places: dict[str, str] = {}
    pieces: dict[str, list[str]] = {}
    for turn in turns:
        parent = places.get(turn.parent, "")
        is_piece = turn.role == "assistant" and parent and found[parent].role == "assistant"
        if is_piece and followers[turn.parent] == 1:
            places[turn.id] = parent
            pieces[parent].append(turn.text)
            name = found[parent].model_name or turn.model_name
            found[parent] = replace(found[parent], model_name=name)
        else:
            places[turn.id] = turn.id
            pieces[turn.id] = [turn.text]
            found[turn.id] = replace(turn, parent=parent)
    return [replace(found[key], text="\n\n".join(pieces[key])) for key in found], places


def _text(message: Mapping[str, Any]) -> str:
    """Empty for everything that the product itself does not show as a turn."""
    metadata = loose.table(message.get("metadata"))
    is_hidden = metadata.get("is_visually_hidden_from_conversation") is True
    if is_hidden or _role(message) not in ROLES:
        return ""
    content = loose.table(message.get("content"))
    tool = loose.text(message.get("recipient"))
    if content.get("content_type") == "code":
        return _code(content) if tool.partition(".")[0] in SHOWN_TOOLS else ""
    if tool not in ("", "all") or content.get("content_type") not in TEXTS:
        return ""
    parts = content.get("parts")
    return _shown(_part(each) for each in (parts if isinstance(parts, list) else []))


def _shown(parts: Iterable[str]) -> str:
    return MARKS.sub("", "\n\n".join(filter(str.strip, parts))).strip()


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    entry = loose.table(part)
    if entry.get("content_type") == "image_asset_pointer":
        return IMAGE
    return (
        loose.text(entry.get("text")) if entry.get("content_type") == "audio_transcription" else ""
    )


def _code(content: Mapping[str, Any]) -> str:
    code = loose.text(content.get("text")).strip("\n")
    if not code.strip():
        return ""
    longest = max((len(found) for found in BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    language = loose.text(content.get("language"))
    named = language if language.isalnum() and language != "unknown" else ""
    return f"{fence}{named}\n{code}\n{fence}"
