"""A chat as every reader gives it and every writer takes it, whatever product it came from."""

from dataclasses import dataclass, field
from datetime import datetime

UNDERSTOOD = (
    "Understood are the ZIP or the conversations.json of a ChatGPT or Claude export, "
    "and chats that Clutch Web exported as JSON."
)


class ExportUnreadable(ValueError):
    """The file is no export that is understood; the sentence says why and which ones are."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} {UNDERSTOOD}")


@dataclass(frozen=True, slots=True)
class MessageDocument:
    """`parent` is empty for a first message; a time that is not known is None."""

    id: str
    parent: str
    role: str
    text: str
    model_name: str = ""
    created_at: datetime | None = None
    # Ids of files of the chat.
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDocument:
    """`data` is base64, and empty where the export left the file out."""

    id: str
    name: str
    data: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ChatDocument:
    """`head` is the newest message of the branch that was shown."""

    id: str
    title: str
    created_at: datetime | None
    updated_at: datetime | None
    tags: tuple[str, ...]
    messages: tuple[MessageDocument, ...]
    head: str
    files: tuple[FileDocument, ...] = ()

    @property
    def file_chars(self) -> int:
        return sum(len(file.data) for file in self.files)
