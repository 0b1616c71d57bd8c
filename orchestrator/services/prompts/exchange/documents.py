"""Prompts as JSON: ours, and what Open WebUI and LibreChat export."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator import json_input
from orchestrator.services.chat.exchange import loose
from orchestrator.services.prompts.library import Draft

FORMAT = "clutch-prompts"
MAX_OPTIONS_BYTES = 2_000
# Open WebUI's places: {{name | kind:property="value":required}}
TYPED = re.compile(r"\{\{\s*([A-Za-z_][\w-]*)\s*\|\s*([a-z-]+)((?::[^{}]*)?)\}\}")
TYPES = frozenset({"text", "textarea", "select", "number", "checkbox", "date", "email", "url"})
OPTIONS = re.compile(r"options=(\[[^\]]*\])")
DEFAULT = re.compile(r'default="([^"{}]*)"')
NO_TEXT = "It has no text."
ELSEWHERE = "Its text is in LibreChat's other collection, prompts; export both in one file."


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a file: a prompt, or the reason why it is none."""

    where: str
    draft: Draft | None = None
    problem: str = ""


def write(drafts: Iterable[Draft]) -> dict[str, Any]:
    return {"format": FORMAT, "version": 1, "prompts": [_plain(draft) for draft in drafts]}


def _plain(draft: Draft) -> dict[str, Any]:
    fields = ("name", "title", "description", "note", "text")
    return {field: getattr(draft, field) for field in fields} | {"tags": list(draft.tags)}


def read(document: object) -> list[Found]:
    """Whatever looks like prompts; an unknown document has none."""
    table = loose.table(document)
    if table.get("format") == FORMAT:
        return [_own(item) for item in loose.tables(table.get("prompts"))]
    groups = loose.tables(table.get("promptGroups") or document)
    texts = _texts(loose.tables(table.get("prompts")))
    if not groups and table:
        groups = loose.tables(table.get("prompts")) or [dict(table)]
    return [found for item in groups if (found := _foreign(item, texts))]


def _own(item: Mapping[str, Any]) -> Found:
    draft = Draft(
        title=loose.text(item.get("title")) or loose.text(item.get("name")),
        text=loose.text(item.get("text")),
        name=loose.text(item.get("name")),
        description=loose.text(item.get("description")),
        tags=tuple(loose.texts(item.get("tags"))),
        note=loose.text(item.get("note")),
    )
    return Found(draft.title, draft) if draft.text else Found(draft.title, problem=NO_TEXT)


def _foreign(item: Mapping[str, Any], texts: Mapping[str, str]) -> Found | None:
    if "productionId" in item or "productionPrompt" in item or "oneliner" in item:
        return _librechat(item, texts)
    if "content" in item and ("command" in item or "title" in item or "name" in item):
        return _open_webui(item)
    return None


def _open_webui(item: Mapping[str, Any]) -> Found:
    command = loose.text(item.get("command")).strip().lstrip("/")
    title = loose.text(item.get("title")) or loose.text(item.get("name")) or command
    text = TYPED.sub(_place, loose.text(item.get("content")))
    if not text.strip():
        return Found(title, problem=NO_TEXT)
    about = loose.text(loose.table(item.get("meta")).get("description"))
    return Found(title, Draft(title, text, _name(command), about, _tags(item.get("tags"))))


def _place(match: "re.Match[str]") -> str:
    name, kind, properties = match[1], match[2], match[3]
    if kind not in TYPES:
        return match[0]
    if kind == "textarea":
        return f"{{{{{name}:multiline}}}}"
    default = DEFAULT.search(properties)
    choices = _choices(properties) if kind == "select" else []
    if choices:
        first = default[1] if default and default[1] in choices else choices[0]
        ordered = [first, *(choice for choice in choices if choice != first)]
        return f"{{{{{name}:{'|'.join(ordered)}}}}}"
    return f"{{{{{name}|{default[1]}}}}}" if default else f"{{{{{name}}}}}"


def _choices(properties: str) -> list[str]:
    options = OPTIONS.search(properties)
    try:
        found = json_input.parse(options[1], max_bytes=MAX_OPTIONS_BYTES) if options else []
    except json_input.InvalidJson:
        return []
    return [choice.replace("|", "/") for choice in loose.texts(found)]


def _librechat(group: Mapping[str, Any], texts: Mapping[str, str]) -> Found:
    title = loose.text(group.get("name"))
    production = loose.table(group.get("productionPrompt"))
    text = loose.text(production.get("prompt")) or texts.get(_id(group.get("productionId")), "")
    text = text or texts.get(_id(group.get("_id")), "")
    if not text.strip():
        return Found(title, problem=NO_TEXT if texts or production else ELSEWHERE)
    command, about = loose.text(group.get("command")), loose.text(group.get("oneliner"))
    category = loose.text(group.get("category"))
    return Found(title, Draft(title, text, _name(command), about, (category,) if category else ()))


def _texts(prompts: list[dict[str, Any]]) -> dict[str, str]:
    """By their own id, and the last one of a group by the group's."""
    found = {_id(each.get("groupId")): loose.text(each.get("prompt")) for each in prompts}
    found |= {_id(each.get("_id")): loose.text(each.get("prompt")) for each in prompts}
    found.pop("", None)
    return found


def _id(value: object) -> str:
    """MongoDB writes its ids as an object of their own."""
    return loose.text(value) or loose.text(loose.table(value).get("$oid"))


def _name(command: str) -> str:
    """Their commands may hold what our names may not."""
    return re.sub(r"[^a-z0-9._-]+", "-", command.lower()).strip("._-")[:63]


def _tags(value: object) -> tuple[str, ...]:
    named = [loose.text(each.get("name")) for each in loose.tables(value)]
    return tuple(filter(None, [*loose.texts(value), *named]))
