"""Attached files in our own export: their bytes as base64, as far as there is room, and back."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from orchestrator.files.refusals import FileRefused, megabytes
from orchestrator.models import Attachment, Message
from orchestrator.services.chat import attachments
from orchestrator.services.chat.exchange.neutral import FileDocument

MEGABYTE = 1024 * 1024
# Base64 makes a third more of it, and who reads a chat again takes 64 MB of one, 500 MB of a ZIP.
MOST_CHAT_BYTES = 32 * MEGABYTE
MOST_ARCHIVE_BYTES = 300 * MEGABYTE
LEFT_OUT = (
    f"Not in this export: it takes {megabytes(MOST_CHAT_BYTES)} of files for a chat "
    f"and {megabytes(MOST_ARCHIVE_BYTES)} in all."
)


class Room:
    """What files may still take; that of a chat is a part of that of its archive."""

    def __init__(self, total_bytes: int = MOST_CHAT_BYTES, within: "Room | None" = None) -> None:
        self.left_bytes = total_bytes
        self._within = within

    def has(self, size: int) -> bool:
        return size <= self.left_bytes and (self._within is None or self._within.has(size))

    def take(self, size: int) -> None:
        self.left_bytes -= size
        if self._within is not None:
            self._within.take(size)


def documents(messages: Iterable[Message], room: Room) -> list[dict[str, Any]]:
    """Each file once, however many messages have it."""
    files = {file.pk: file for message in messages for file in message.attachments.all()}
    return [_document(file, room) for file in files.values()]


def _document(file: Attachment, room: Room) -> dict[str, Any]:
    known = {"id": str(file.pk), **claims(file)}
    if not room.has(file.size):
        return {**known, "left_out": LEFT_OUT}
    room.take(file.size)
    # one file at a time: the rows of many chats are loaded without their data
    data = attachments.content(Attachment.objects.get(pk=file.pk))
    return {**known, "data": base64.b64encode(data).decode()}


def claims(file: Attachment) -> dict[str, Any]:
    return {"name": file.name, "media_type": file.media_type, "size": file.size}


def unpacked(user_id: int, file: FileDocument) -> Attachment | None:
    """A row not saved yet, cleaned like any file that is attached; None where it is refused."""
    try:
        return attachments.made(user_id, file.name, base64.b64decode(file.data, validate=True))
    except (FileRefused, binascii.Error, ValueError):
        return None
