"""Attached files that travel with an exported chat."""

import base64
import json
from typing import Any

import pytest

from orchestrator.models import Attachment, Conversation, ImportBatch, Message, User
from orchestrator.services.chat import attachments, conversations
from orchestrator.services.chat.exchange import (
    archiving,
    enclosures,
    exporting,
    importing,
    sniffing,
)
from orchestrator.services.chat.exchange.archiving import Form
from orchestrator.services.chat.exchange.enclosures import Room
from tests.files.samples import opened, pdf, picture

from .exports import as_json, own


@pytest.fixture
def chat(ada: User) -> Conversation:
    """Two questions with the same text, the second with a picture and a PDF, too."""
    chat = conversations.start(ada.pk)
    notes = attachments.keep(ada.pk, "notes.txt", b"Gr\xc3\xbc\xc3\x9fe")
    for number, files in enumerate([[], [("a.png", picture()), ("b.pdf", pdf())]]):
        message = Message.objects.create(conversation=chat, role="user", text=f"See {number}.")
        message.attachments.add(notes, *(attachments.keep(ada.pk, *file) for file in files))
        chat.head = message
    chat.save()
    return chat


def contents(user: User) -> list[list[tuple[str, str, bytes]]]:
    """Of each message its files, by name."""
    messages = Message.objects.filter(conversation__user=user).order_by("pk")
    return [
        [
            (file.name, file.kind, attachments.content(file))
            for file in message.attachments.order_by("name")
        ]
        for message in messages
    ]


def test_files_come_back_with_their_messages(chat: Conversation, ada: User, eve: User) -> None:
    batch = importing.apply(eve, "chat.json", archiving.document(chat, Form.JSON))
    assert (batch.done, batch.error) == (1, "")
    first, second = contents(eve)
    assert first == [("notes.txt", "text", "Grüße".encode())]
    assert [(name, kind) for name, kind, _ in second] == [
        ("a.png", "image"),
        ("b.pdf", "pdf"),
        ("notes.txt", "text"),
    ]
    assert opened(second[0][2]).size == (8, 6)
    assert second[1:] == contents(ada)[1][1:]
    assert Attachment.objects.filter(user=eve).count() == 3


def test_a_file_of_several_messages_is_written_once(chat: Conversation) -> None:
    written = exporting.as_json(chat)
    assert len(written["files"]) == 3
    notes = written["files"][0]
    assert written["messages"][0]["attachments"] == [
        {name: notes[name] for name in ("id", "name", "media_type", "size")}
    ]
    assert base64.b64decode(notes["data"]) == "Grüße".encode()


def test_what_does_not_fit_is_named_and_said(chat: Conversation, eve: User) -> None:
    written = exporting.as_json(chat, Room(10))
    assert [("data" in file, "left_out" in file) for file in written["files"]] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert "32 MB" in written["files"][1]["left_out"]
    data = json.dumps(written).encode()
    (row,) = importing.examine(eve, "chat.json", data).rows
    assert (row.files, row.missing) == (1, 2)
    importing.apply(eve, "chat.json", data)
    assert [[name for name, *_ in files] for files in contents(eve)] == [
        ["notes.txt"],
        ["notes.txt"],
    ]


def test_the_files_of_all_chats_share_the_room_of_an_archive(
    ada: User, chat: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = conversations.start(ada.pk)
    message = Message.objects.create(conversation=other, role="user", text="And this.")
    message.attachments.add(attachments.keep(ada.pk, "more.txt", b"0123456789"))
    size = sum(Attachment.objects.exclude(name="more.txt").values_list("size", flat=True))
    monkeypatch.setattr(archiving, "MOST_ARCHIVE_BYTES", size + 9)
    data = b"".join(archiving.archive(ada, Conversation.objects.all(), Form.JSON))
    documents = sniffing.open_export("chats.zip", data).chats
    assert {file.name: bool(file.data) for each in documents for file in each.files} == {
        "notes.txt": True,
        "a.png": True,
        "b.pdf": True,
        "more.txt": False,
    }


def file(file_id: str, data: bytes | str) -> dict[str, Any]:
    encoded = data if isinstance(data, str) else base64.b64encode(data).decode()
    return {"id": file_id, "name": "x.png", "media_type": "image/png", "data": encoded}


@pytest.mark.parametrize(
    "data", ["not base64!", b"PK\x03\x04", b"\x89PNG\r\n\x1a\nbroken", b"\xff\x00\xfe\x01"]
)
def test_a_file_that_would_not_be_attached_is_not_imported_and_it_is_said(
    ada: User, data: bytes | str
) -> None:
    message = {"id": "m", "role": "user", "text": "Hi", "attachments": [{"id": "f"}, {"id": "g"}]}
    document = own(message, files=[file("f", data), file("g", picture())])
    batch = importing.apply(ada, "x.json", as_json([document]))
    assert batch.state == ImportBatch.State.DONE
    assert batch.error == "1 attached file could not be taken."
    assert [[name for name, *_ in files] for files in contents(ada)] == [["x.png"]]


def test_a_message_takes_no_more_files_than_elsewhere(ada: User) -> None:
    files = [file(str(number), picture()) for number in range(attachments.MAX_FILES + 2)]
    used = [{"id": each["id"]} for each in [files[0], *files]]
    message = {"id": "m", "role": "user", "text": "Hi", "attachments": used}
    importing.apply(ada, "x.json", as_json([own(message, files=files)]))
    assert len(contents(ada)[0]) <= attachments.MAX_FILES


def test_chats_with_large_files_are_taken_a_few_at_a_time(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "FILE_CHARS_AT_ONCE", 10)
    message = {"id": "m", "role": "user", "text": "Hi", "attachments": [{"id": "f"}]}
    chats = [own(message, id=str(n), files=[file("f", picture())]) for n in range(3)]
    seen: list[int] = []
    importing.apply(ada, "x.json", as_json(chats), lambda done, total: seen.append(done))
    assert seen == [1, 2, 3]


def test_the_limit_leaves_a_chat_readable() -> None:
    """A third more as base64 must stay below what is read of one chat and of one archive."""
    from orchestrator.services.chat.exchange import archives, json_stream

    assert enclosures.MOST_CHAT_BYTES * 4 / 3 < json_stream.MOST_CHARS * 0.75
    assert enclosures.MOST_ARCHIVE_BYTES * 4 / 3 < archives.MOST_TOTAL_BYTES * 0.9
