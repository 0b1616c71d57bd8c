"""What is written of a chat, alone and in an archive, and that it comes back whole."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.models import (
    Attachment,
    Conversation,
    ConversationTag,
    Leg,
    Message,
    Trip,
    User,
)
from orchestrator.services.chat.exchange import archiving, exporting, importing, own
from orchestrator.services.chat.exchange.archiving import Form
from orchestrator.services.chat.exchange.neutral import ChatDocument, MessageDocument

NOW = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)


def make_chat(user: User, title: str = "Cookies & co", **fields: Any) -> Conversation:
    return Conversation.objects.create(
        user=user, title=title, created_at=NOW, updated_at=NOW, **fields
    )


def say(
    chat: Conversation, text: str, parent: Message | None = None, role: str = "user", **more: Any
) -> Message:
    message = Message.objects.create(
        conversation=chat, parent=parent, role=role, text=text, created_at=NOW, **more
    )
    chat.head = message
    chat.save(update_fields=["head"])
    return message


def drive(user: User, **fields: Any) -> Trip:
    known = {"gear": "demo-3", "cost_nano": 6_000_000, "input_tokens": 1_200, "output_tokens": 34}
    trip = Trip.objects.create(
        user=user, source="page", created_at=NOW, deadline_at=NOW, **{**known, **fields}
    )
    for attempt, state in ((1, "failed"), (2, "done")):
        Leg.objects.create(
            trip=trip,
            attempt=attempt,
            gear="demo-3",
            level=3,
            provider="demo",
            model_id=f"model-{state}",
            throttle=50,
            started_at=NOW,
            state=state,
        )
    return trip


@pytest.fixture
def chat(ada: User) -> Conversation:
    """A question with two answers, of which the first is shown, and a tag."""
    found = make_chat(ada)
    question = say(found, "Why is it dropped?")
    shown = say(found, "SameSite.", question, "assistant", trip=drive(ada, currency="demo"))
    say(found, "No idea.", question, "assistant", model_name="gpt-5")
    found.head = shown
    found.save(update_fields=["head"])
    ConversationTag.objects.create(conversation=found, name="web")
    return found


def test_markdown_tells_the_shown_branch_with_speakers_and_costs(chat: Conversation) -> None:
    assert exporting.as_markdown(chat) == (
        "# Cookies & co\n\n"
        "2026-11-20 09:30 UTC\n\n"
        "## You\n\n"
        "Why is it dropped?\n\n"
        "## demo-3 · model-done\n\n"
        "SameSite.\n\n"
        "*$0.0060 demo · 1,200 tokens in, 34 out*\n"
    )


@pytest.mark.parametrize(
    ("fields", "heading"),
    [({"model_name": "gpt-5"}, "## gpt-5"), ({}, "## Assistant")],
)
def test_markdown_names_what_answered_in_an_imported_chat(
    ada: User, fields: dict[str, Any], heading: str
) -> None:
    chat = make_chat(ada, title="")
    say(chat, "So.", say(chat, "Why?"), "assistant", **fields)
    written = exporting.as_markdown(chat)
    assert written.startswith("# Untitled chat\n")
    assert f"\n{heading}\n\nSo.\n" in written


def test_markdown_of_a_chat_without_messages_is_its_title(ada: User) -> None:
    assert exporting.as_markdown(make_chat(ada, "New\nchat")).startswith("# New chat\n\n2026")


def test_attached_files_are_named(ada: User) -> None:
    chat = make_chat(ada)
    file = Attachment.objects.create(
        user=ada, kind="text", name="a.txt", media_type="text/plain", size=3, text="abc"
    )
    say(chat, "See.").attachments.add(file)
    assert "See.\n\n*Attached: a.txt*\n" in exporting.as_markdown(chat)
    assert exporting.as_json(chat)["messages"][0]["attachments"] == [
        {"id": str(file.pk), "name": "a.txt", "media_type": "text/plain", "size": 3}
    ]


def test_json_tells_the_whole_tree_and_what_each_answer_cost(chat: Conversation) -> None:
    written = exporting.as_json(chat)
    question, shown, other = Message.objects.order_by("pk")
    assert written["head"] == str(shown.pk)
    assert written["tags"] == ["web"]
    assert [(each["id"], each["parent"]) for each in written["messages"]] == [
        (str(question.pk), ""),
        (str(shown.pk), str(question.pk)),
        (str(other.pk), str(question.pk)),
    ]
    assert written["messages"][1]["trip"] == {
        "id": str(shown.trip_id),
        "gear": "demo-3",
        "model": "model-done",
        "cost_nano": 6_000_000,
        "currency": "demo",
        "input_tokens": 1_200,
        "cached_input_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 34,
        "reasoning_tokens": 0,
    }
    assert written["messages"][2]["trip"] is None
    assert json.loads(json.dumps(written)) == written


def neutral(chat: Conversation) -> ChatDocument:
    return own.read(json.loads(json.dumps(exporting.as_json(chat))))


def told(document: ChatDocument) -> dict[str, Any]:
    """What of a chat must survive, with messages by their place instead of ids."""
    places = {message.id: place for place, message in enumerate(document.messages)}
    return {
        "title": document.title,
        "times": (document.created_at, document.updated_at),
        "tags": document.tags,
        "head": places[document.head],
        "messages": [
            (places.get(each.parent), each.role, each.text, each.model_name, each.created_at)
            for each in document.messages
        ],
    }


def test_an_exported_chat_comes_back_whole(chat: Conversation, eve: User) -> None:
    importing.apply(eve, "chat.json", archiving.document(chat, Form.JSON))
    back = Conversation.objects.get(user=eve)
    assert told(neutral(back)) == told(neutral(chat))
    assert back.imported_id == str(chat.pk)
    assert {message.trip_id for message in back.messages.all()} == {None}


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30
)


@st.composite
def trees(draw: st.DrawFn) -> ChatDocument:
    count = draw(st.integers(1, 12))
    messages = tuple(
        MessageDocument(
            id=str(place),
            parent=draw(st.sampled_from(["", *map(str, range(place))])),
            role=draw(st.sampled_from(["user", "assistant"])),
            text=draw(TEXTS),
            model_name="m" if draw(st.booleans()) else "",
            created_at=NOW.replace(minute=place),
        )
        for place in range(count)
    )
    head = draw(st.sampled_from([message.id for message in messages]))
    return ChatDocument("", "T", NOW, NOW, (), messages, head)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=trees())
def test_any_tree_survives_export_and_import(ada: User, document: ChatDocument) -> None:
    Conversation.objects.all().delete()
    chat = make_chat(ada, "T")
    rows: dict[str, Message] = {}
    for each in document.messages:
        rows[each.id] = say(chat, each.text, rows.get(each.parent), each.role)
        Message.objects.filter(pk=rows[each.id].pk).update(
            model_name=each.model_name, created_at=each.created_at
        )
    Conversation.objects.filter(pk=chat.pk).update(head=rows[document.head])
    exported = archiving.document(Conversation.objects.get(pk=chat.pk), Form.JSON)
    chat.delete()
    is_empty = not any(each.text.strip() for each in document.messages)
    assert importing.apply(ada, "x.json", exported).done == (0 if is_empty else 1)
    if not is_empty:
        assert told(neutral(Conversation.objects.get())) == told(document)


def unpacked(user: User, form: Form) -> dict[str, bytes]:
    data = b"".join(archiving.archive(user, Conversation.objects.all(), form))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_archive_holds_a_file_for_each_own_chat(chat: Conversation, eve: User) -> None:
    make_chat(eve, "Not mine")
    make_chat(chat.user, "Gone", deleted_at=NOW)
    assert unpacked(chat.user, Form.MARKDOWN) == {
        "2026-11-20-Cookies-co.md": exporting.as_markdown(chat).encode()
    }
    assert list(unpacked(chat.user, Form.JSON)) == ["2026-11-20-Cookies-co.json"]


def test_an_archive_comes_back_as_it_was(chat: Conversation, eve: User) -> None:
    for number in range(30):
        say(make_chat(chat.user, f"Chat {number % 3}"), f"Question {number}")
    data = b"".join(archiving.archive(chat.user, Conversation.objects.all(), Form.JSON))
    assert importing.apply(eve, "chats.zip", data).done == 31
    assert importing.examine(chat.user, "chats.zip", data).importable == 0


def test_nothing_makes_an_empty_archive(ada: User) -> None:
    assert unpacked(ada, Form.JSON) == {}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\con.txt", "C-con-txt"),
        ("a\x07b\n<c>|*?", "a-b-c"),
        ("", "chat"),
        ("???", "chat"),
        ("Größe 漢字", "Größe-漢字"),
        ("x" * 300, "x" * 50),
        ("😀 hi", "hi"),
    ],
)
def test_file_names_are_safe_everywhere(ada: User, title: str, name: str) -> None:
    found = archiving.file_name(make_chat(ada, title[:200]), Form.MARKDOWN)
    assert found == f"2026-11-20-{name}.md"


def test_file_names_in_an_archive_are_unique_in_any_case(ada: User) -> None:
    for title in ("Chat", "chat", "chat 2", "CHAT", "Chat", "chat-3"):
        make_chat(ada, title)
    names = list(unpacked(ada, Form.MARKDOWN))
    assert len(names) == len({name.casefold() for name in names}) == 6
    assert all(
        re.fullmatch(r"2026-11-20-[Cc]hat(-\d+)*\.md", name, re.IGNORECASE) for name in names
    )


def test_many_chats_take_few_questions_and_are_given_out_in_pieces(ada: User) -> None:
    for number in range(100):
        chat = make_chat(ada, f"Chat {number}")
        say(chat, "So.", say(chat, "Why?"), "assistant", trip=drive(ada))
    with CaptureQueriesContext(connection) as asked:
        pieces = list(archiving.archive(ada, Conversation.objects.all(), Form.JSON))
    assert len(pieces) == 101
    assert max(map(len, pieces)) < 10_000
    groups = 100 / archiving.AT_ONCE
    assert len(asked) <= groups * 5 + 1
