"""Many chats as one ZIP, written while it is read: memory holds a few chats at a time."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from orchestrator.models import Conversation, User
from orchestrator.services.chat.exchange import exporting
from orchestrator.services.chat.exchange.enclosures import MOST_ARCHIVE_BYTES, Room

AT_ONCE = 25
NAME_CHARS = 50
NOT_IN_NAMES = re.compile(r"[^\w]+")


class Form(StrEnum):
    MARKDOWN = "markdown"
    JSON = "json"


ENDINGS = {Form.MARKDOWN: "md", Form.JSON: "json"}
MEDIA_TYPES = {
    Form.MARKDOWN: "text/markdown; charset=utf-8",
    Form.JSON: "application/json",
}


def document(conversation: Conversation, form: Form, room: Room | None = None) -> bytes:
    if form is Form.MARKDOWN:
        return exporting.as_markdown(conversation).encode()
    written = json.dumps(exporting.as_json(conversation, room), ensure_ascii=False, indent=1)
    return written.encode()


def file_name(conversation: Conversation, form: Form) -> str:
    return f"{_stem(conversation)}.{ENDINGS[form]}"


def _stem(conversation: Conversation) -> str:
    """A day and letters, digits, hyphens: nothing that any file system takes amiss."""
    title = unicodedata.normalize("NFKC", conversation.title)
    words = NOT_IN_NAMES.sub("-", title)[:NAME_CHARS].strip("-_")
    return f"{conversation.created_at.astimezone(UTC):%Y-%m-%d}-{words or 'chat'}"


def archive(user: User, conversations: QuerySet[Conversation], form: Form) -> Iterator[bytes]:
    """Each step asks the database by itself, so that it may run in any thread."""
    mine = conversations.filter(user=user, deleted_at=None).order_by("pk")
    ids = list(mine.values_list("pk", flat=True))
    sink, names, room = _Sink(), _Names(form), Room(MOST_ARCHIVE_BYTES)
    with zipfile.ZipFile(sink, "w") as packed:
        for start in range(0, len(ids), AT_ONCE):
            for conversation in _some(ids[start : start + AT_ONCE]):
                member = zipfile.ZipInfo(names.unused(conversation), _day(conversation))
                member.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(member, document(conversation, form, Room(within=room)))
                yield sink.drained()
    yield sink.drained()


def _some(ids: list[UUID]) -> list[Conversation]:
    return exporting.load(list(Conversation.objects.filter(pk__in=ids).order_by("pk")))


def _day(conversation: Conversation) -> tuple[int, int, int, int, int, int]:
    """The time of a file in a ZIP begins in 1980."""
    day = conversation.updated_at.astimezone(UTC)
    return max(day.year, 1980), day.month, day.day, day.hour, day.minute, day.second


class _Names:
    """Upper and lower case count as the same, as they do on many disks."""

    def __init__(self, form: Form) -> None:
        self._ending = ENDINGS[form]
        self._used: dict[str, int] = {}

    def unused(self, conversation: Conversation) -> str:
        stem = found = _stem(conversation)
        number = self._used.get(stem.casefold(), 0)
        while found.casefold() in self._used:
            number += 1
            found = f"{stem}-{number + 1}"
        self._used[stem.casefold()] = number
        self._used.setdefault(found.casefold(), 0)
        return f"{found}.{self._ending}"


class _Sink(io.RawIOBase):
    """Takes what the ZIP writes and gives it away; never seeks."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def drained(self) -> bytes:
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found
