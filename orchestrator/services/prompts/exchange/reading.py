"""The prompts in a file from outside: Markdown, JSON, or a ZIP of them.

Nothing is unpacked to disk and no path in a ZIP is used but as a name to show.
"""

import io
import zipfile
from pathlib import PurePosixPath

from orchestrator import json_input
from orchestrator.services.chat.exchange import archives
from orchestrator.services.prompts.exchange import documents, front_matter
from orchestrator.services.prompts.exchange.documents import Found

# Of the file as it comes, and of all that is packed in it.
MAX_BYTES = 2 * 1024 * 1024
MOST_PROMPTS = 2_000
MOST_MEMBERS = 5_000
ENDINGS = (".md", ".markdown", ".txt", ".json")


class FileUnreadable(ValueError):
    """Nothing can be read from the file; the message says why."""


def read(name: str, data: bytes) -> list[Found]:
    if len(data) > MAX_BYTES:
        raise FileUnreadable("The file is larger than 2 MB. Import it in parts.")
    found = _packed(data) if archives.is_zip(io.BytesIO(data)) else _one(name, data)
    if not found:
        raise FileUnreadable("There are no prompts in this file.")
    if len(found) > MOST_PROMPTS:
        raise FileUnreadable(f"The file holds more than {MOST_PROMPTS:,} prompts.")
    return found


def _one(name: str, data: bytes) -> list[Found]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable("The file is not text in UTF-8.") from None
    if name.lower().endswith(".json") or text.lstrip()[:1] in ("{", "["):
        return _json(name, text)
    draft = front_matter.read(text, PurePosixPath(name).stem)
    return [Found(name, draft) if draft.text.strip() else Found(name, problem=documents.NO_TEXT)]


def _json(name: str, text: str) -> list[Found]:
    try:
        return documents.read(json_input.parse(text, max_bytes=MAX_BYTES))
    except json_input.InvalidJson as invalid:
        if name.lower().endswith(".json"):
            raise FileUnreadable(f"The file is no JSON: {invalid}") from None
    return [Found(name, front_matter.read(text, PurePosixPath(name).stem))]


def _packed(data: bytes) -> list[Found]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [found for member in _members(archive) for found in _unpacked(archive, member)]
    except FileUnreadable:
        raise
    except archives.DAMAGED:
        raise FileUnreadable("The ZIP is damaged; make it again.") from None


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    everything = archive.infolist()
    if len(everything) > MOST_MEMBERS:
        raise FileUnreadable(f"The ZIP holds more than {MOST_MEMBERS:,} files.")
    if leading_out := next((e.filename for e in everything if _leads_out(e.filename)), ""):
        raise FileUnreadable(
            f"The ZIP names a file outside of itself, {leading_out[:80]!r}; no export does that."
        )
    chosen = [each for each in everything if _is_prompt(each.filename)]
    if any(each.flag_bits & 1 for each in chosen):
        raise FileUnreadable("The ZIP is encrypted; pack it again without a password.")
    if any(each.compress_type not in archives.METHODS for each in chosen):
        raise FileUnreadable("The ZIP is packed in an unusual way; pack it again.")
    size = sum(each.file_size for each in chosen)
    if size > MAX_BYTES:
        raise FileUnreadable(
            f"Unpacked, the prompts in the ZIP would have {size / 1024 / 1024:,.1f} MB; "
            "2 MB is the most. Nothing was unpacked."
        )
    return chosen


def _is_prompt(name: str) -> bool:
    return name.lower().endswith(ENDINGS) and not name.startswith("__MACOSX")


def _leads_out(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or path[1:2] == ":" or ".." in path.split("/")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> list[Found]:
    """A file that cannot be read is told of; the others are still found."""
    with archive.open(member) as opened:
        data = opened.read(MAX_BYTES + 1)
    try:
        return _one(member.filename, data)
    except FileUnreadable as unreadable:
        return [Found(member.filename, problem=str(unreadable))]
