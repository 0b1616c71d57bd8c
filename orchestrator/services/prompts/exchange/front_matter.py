"""One prompt as a Markdown file: what is said about it on top between two lines of dashes.

The front matter is the small part of YAML that people write by hand: texts, quoted or not, and
lists.
"""

import json
import re

from orchestrator import json_input
from orchestrator.services.chat.exchange import loose
from orchestrator.services.prompts.library import Draft

FENCE = "---"
KEY = re.compile(r"([A-Za-z][\w-]*)\s*:(?:\s+(.*)|\s*)$")
MAX_VALUE_BYTES = 10_000
Value = str | list[str]


def write(draft: Draft) -> str:
    told: dict[str, object] = {
        "title": draft.title,
        "tags": list(draft.tags),
        "description": draft.description,
        "note": draft.note,
    }
    lines = [f"name: {draft.name}"]
    lines += [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()]
    return "\n".join([FENCE, *lines, FENCE, "", draft.text, ""])


def read(text: str, called: str) -> Draft:
    """`called` stands in for the title where the file has none, as in plain Markdown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head, body = _parts(text)
    known = _entries(head)
    tags = known.get("tags", [])
    return Draft(
        title=_text(known, "title") or _text(known, "name") or called,
        text=body.removesuffix("\n"),
        name=_text(known, "name"),
        description=_text(known, "description"),
        tags=tuple(tags if isinstance(tags, list) else tags.split(",")),
        note=_text(known, "note"),
    )


def _text(known: dict[str, Value], key: str) -> str:
    value = known.get(key, "")
    return value if isinstance(value, str) else " ".join(value)


def _parts(text: str) -> tuple[list[str], str]:
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return [], text
    ends = (at for at, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE)
    end = next(ends, None)
    if end is None:  # a rule at the beginning of a text
        return [], text
    return lines[1:end], "\n".join(lines[end + 1 :]).removeprefix("\n")


def _entries(lines: list[str]) -> dict[str, Value]:
    """What is indented, or a list of dashes, goes on with the key above it."""
    found: dict[str, Value] = {}
    key = ""
    for line in lines:
        if match := KEY.match(line):
            key = match[1].lower()
            found[key] = _value(match[2] or "")
        elif key and (more := line.strip()) and not more.startswith("#"):
            found[key] = _longer(found[key], more)
    return found


def _longer(value: Value, more: str) -> Value:
    if more.startswith("- "):
        item = _value(more[2:])
        before = value if isinstance(value, list) else []
        return [*before, item if isinstance(item, str) else " ".join(item)]
    return f"{value} {more}".strip() if isinstance(value, str) else value


def _value(raw: str) -> Value:
    raw = raw.strip()
    if raw in ("|", ">", "|-", ">-"):
        return ""
    if raw[:1] in ('"', "["):
        return _quoted(raw)
    is_single = len(raw) > 1 and raw[0] == raw[-1] == "'"
    return raw[1:-1].replace("''", "'") if is_single else raw


def _quoted(raw: str) -> Value:
    try:
        value = json_input.parse(raw, max_bytes=MAX_VALUE_BYTES)
    except json_input.InvalidJson:
        bare = raw.strip("[]").split(",")
        return [item.strip(" '\"") for item in bare] if raw.endswith("]") else raw
    return loose.texts(value) if isinstance(value, list) else loose.text(value)
