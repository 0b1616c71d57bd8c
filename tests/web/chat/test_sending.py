"""Sending from the composer: what comes back, what is refused and how, what is kept."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import Attachment, Conversation, Message, Trip, User
from tests.web.conftest import ATTACK

from .conftest import Send, finish


def test_a_message_starts_a_chat_and_its_trip(send: Send, ada: User) -> None:
    answer = send("Fix the login bug")
    chat = Conversation.objects.get()
    assert answer["status"] == 200
    assert (answer["url"], answer["title"]) == (f"/chat/{chat.pk}/", "Fix the login bug")
    trip = Trip.objects.get()
    assert (trip.user, trip.source, trip.conversation_id) == (ada, "page", chat.pk)
    assert f'data-trip="{trip.pk}" data-after="0"' in answer["added"]
    assert answer["parent"] == str(chat.head_id)


def test_a_second_click_asks_nothing_new(send: Send) -> None:
    chat, client_id = str(uuid4()), str(uuid4())
    first = send("hello", chat, client_id=client_id, parent="")
    second = send("hello", chat, client_id=client_id, parent="")
    assert first["parent"] == second["parent"]
    assert Trip.objects.count() == 1


def test_a_deleted_chat_takes_no_message_and_nothing_is_driven_for_it(send: Send) -> None:
    chat = str(uuid4())
    send("hello", chat)
    Conversation.objects.update(deleted_at=timezone.now())
    answer = send("and more", chat)
    assert answer["status"] == 422
    assert "was deleted" in answer["error"]
    assert (Message.objects.count(), Trip.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"text": ""}, "is empty"),
        ({"text": " \n"}, "is empty"),
        ({"text": "x", "throttle": "101"}, "Throttle"),
        ({"text": "x", "pattern": "maze"}, "Pattern"),
        ({"text": "x", "files": "nothing"}, "Attach it again"),
        ({"text": "x", "files": str(uuid4())}, "Attach it again"),
        ({"text": "x", "parent": str(uuid4())}, "not in this chat"),
        ({"text": "x", "gears": [f"demo-{n}" for n in range(1, 6)]}, "At most 4"),
    ],
)
def test_what_cannot_be_sent_says_why_and_leaves_nothing(
    page: Client, fields: dict[str, object], problem: str
) -> None:
    answer = page.post("/chat/send/", {"chat": str(uuid4()), **fields})
    assert answer.status_code == 422
    assert problem in answer.json()["error"]
    assert not Message.objects.exists()
    assert not Trip.objects.exists()


def test_nul_and_marks_are_sent_as_they_can_be(send: Send) -> None:
    assert send("a\x00b")["status"] == 200
    assert Message.objects.filter(text="ab").exists()
    assert send("e" + "\u0301" * 100_000)["status"] == 200


def test_a_stale_page_is_told_gently_and_may_branch(send: Send) -> None:
    chat = str(uuid4())
    send("one", chat)
    parent = str(finish(chat).pk)
    send("two", chat, parent=parent)
    late = send("late", chat, parent=parent)
    assert (late["status"], late["is_stale"]) == (409, True)
    assert "another window" in late["error"]
    forked = send("late", chat, parent=parent, fork="1")
    assert forked["status"] == 200
    assert "2/2" in forked["thread"]


def test_everything_a_person_or_a_model_says_is_escaped(send: Send, page: Client) -> None:
    chat = str(uuid4())
    answer = send(ATTACK, chat)
    finish(chat, f"{ATTACK}\n\n[x](javascript:alert(1)) ![spy](https://evil.example/p.png)")
    html = page.get(f"/chat/{chat}/").content.decode()
    assert ATTACK not in answer["added"]
    assert ATTACK not in html
    assert 'href="javascript:' not in html
    assert "<img" not in html


def test_an_error_of_a_provider_is_escaped_too(send: Send, page: Client) -> None:
    chat = str(uuid4())
    send("hello", chat)
    finish(chat, "", state="failed", error=ATTACK)
    html = page.get(f"/chat/{chat}/").content.decode()
    assert ATTACK not in html
    assert "&lt;script&gt;" in html
    assert "Send again" in html


def test_asking_again_with_another_gear_makes_a_version(send: Send, page: Client) -> None:
    chat = str(uuid4())
    send("hello", chat)
    first = finish(chat)
    answer = page.post(f"/messages/{first.pk}/again/", {"gear": "demo-4"}).json()
    assert "2/2" in answer["thread"]
    assert Trip.objects.latest("pk").payload.request["overrides"]["gear"] == "demo-4"
    back = page.post(f"/messages/{first.pk}/show/").json()
    assert "1/2" in back["thread"]
    assert back["parent"] == str(first.pk)


def test_a_pin_is_kept_for_the_chat_and_can_be_taken_back(send: Send, page: Client) -> None:
    chat = str(uuid4())
    send("hello", chat, gear="demo-5", throttle="75", pin="1")
    kept = Conversation.objects.get()
    assert kept.overrides == {"gear": "demo-5", "throttle": 75}
    html = page.get(f"/chat/{chat}/").content.decode()
    assert '<option value="demo-5" selected>' in html
    assert page.post(f"/chat/{chat}/unpin-wishes/").status_code == 204
    kept.refresh_from_db()
    assert kept.overrides == {}


def test_comparing_shows_the_answers_side_by_side_and_keeps_one(send: Send, page: Client) -> None:
    chat = str(uuid4())
    answer = send("compare", chat, gears=["demo-1", "demo-3"])
    assert answer["added"].count("data-trip=") == 2
    kept = Message.objects.filter(role="assistant").latest("pk")
    thread = page.post(f"/messages/{kept.pk}/keep/").json()["thread"]
    assert thread.count("answer-turn") == 1
    assert "2/2" in thread


def test_files_are_shown_with_their_message(send: Send, ada: User) -> None:
    file = Attachment.objects.create(
        user=ada, kind="text", name="notes<b>.txt", media_type="text/plain", size=3, text="abc"
    )
    answer = send("read this", files=[str(file.pk)])
    assert "notes&lt;b&gt;.txt" in answer["added"]
    assert Message.objects.filter(attachments=file).count() == 1


def test_files_alone_are_a_message(send: Send, ada: User) -> None:
    file = Attachment.objects.create(
        user=ada, kind="text", name="notes.txt", media_type="text/plain", size=3, text="abc"
    )
    assert send("", files=[str(file.pk)])["status"] == 200


@pytest.mark.parametrize(
    "what", ["again", "go-on", "keep", "show", "branch", "rate", "wrong", "always"]
)
def test_other_peoples_messages_do_not_exist(send: Send, stranger: Client, what: str) -> None:
    chat = str(uuid4())
    send("mine", chat)
    message = finish(chat)
    for url in (f"/messages/{message.pk}/{what}/", f"/messages/{uuid4()}/{what}/"):
        assert stranger.post(url, {"kind": "good"}).status_code == 404
    assert Trip.objects.count() == 1


def test_other_peoples_chats_cannot_be_written_to(send: Send, stranger: Client) -> None:
    chat = str(uuid4())
    send("mine", chat)
    answer = stranger.post("/chat/send/", {"text": "intruder", "chat": chat})
    assert answer.status_code == 404
    assert not Message.objects.filter(text="intruder").exists()


def test_other_peoples_files_cannot_be_sent(send: Send, eve: User) -> None:
    file = Attachment.objects.create(
        user=eve, kind="text", name="hers.txt", media_type="text/plain", size=3, text="abc"
    )
    assert send("read it", files=[str(file.pk)])["status"] == 422
