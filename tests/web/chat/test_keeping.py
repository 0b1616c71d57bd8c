"""The list of chats and what is done with them."""

from uuid import uuid4

import pytest
from django.test import Client

from orchestrator.models import Conversation, User
from orchestrator.services.chat import conversations

from .conftest import Send


@pytest.fixture
def chat(send: Send) -> str:
    chat = str(uuid4())
    send("The plan for spring", chat)
    return chat


def test_what_is_pinned_stands_on_top(page: Client, send: Send, chat: str) -> None:
    send("Something newer")
    listed = page.post(f"/chat/{chat}/do/pin/").content.decode()
    assert listed.index("Pinned") < listed.index("The plan") < listed.index("Today")
    assert "Pinned" not in page.post(f"/chat/{chat}/do/unpin/").content.decode()


def test_the_archive_hides_and_shows(page: Client, chat: str) -> None:
    assert "The plan" not in page.post(f"/chat/{chat}/do/archive/").content.decode()
    assert "The plan" in page.get("/chat/list/?archived=1").content.decode()
    assert "The plan" in page.post(f"/chat/{chat}/do/unarchive/").content.decode()


def test_deleting_can_be_undone(page: Client, chat: str) -> None:
    listed = page.post(f"/chat/{chat}/do/delete/").content.decode()
    assert "was deleted" in listed
    assert page.get(f"/chat/{chat}/").status_code == 404
    assert "is back" in page.post(f"/chat/{chat}/restore/").content.decode()
    assert page.get(f"/chat/{chat}/").status_code == 200


def test_titles_and_tags_are_changed_together_and_tags_filter(
    page: Client, send: Send, chat: str
) -> None:
    send("Something else")
    form = {"title": "  Spring \n plan ", "tags": "Work, garden ,, WORK"}
    listed = page.post(f"/chat/{chat}/rename/", form).content.decode()
    assert "Spring plan" in listed
    assert [tag.name for tag in Conversation.objects.get(pk=chat).tags.all()] == ["garden", "work"]
    filtered = page.get("/chat/list/?tag=garden").content.decode()
    assert "Spring plan" in filtered
    assert "Something else" not in filtered


def test_an_empty_title_keeps_the_old_one(page: Client, chat: str) -> None:
    page.post(f"/chat/{chat}/rename/", {"title": " "})
    assert Conversation.objects.get(pk=chat).title == "The plan for spring"


def test_the_list_is_paged_without_holes(page: Client, ada: User) -> None:
    for number in range(conversations.PAGE + 5):
        Conversation.objects.create(user=ada, title=f"chat-{number:03}")
    first = page.get("/chat/list/").content.decode()
    address = first.split('hx-get="/chat/list/?before=')[1].split('"')[0]
    second = page.get(f"/chat/list/?before={address}").content.decode()
    for number in range(conversations.PAGE + 5):
        assert (f"chat-{number:03}" in first) != (f"chat-{number:03}" in second)


@pytest.mark.parametrize(
    "query", ["before=nonsense", "before=2026-99-99", "tag=%00", "q=%00", "q=*"]
)
def test_odd_addresses_are_answered(page: Client, chat: str, query: str) -> None:
    assert page.get(f"/chat/list/?{query}").status_code == 200


def test_strangers_change_nothing(stranger: Client, chat: str) -> None:
    for what in ("do/pin", "do/archive", "do/delete", "rename", "restore", "unpin-wishes"):
        assert stranger.post(f"/chat/{chat}/{what}/").status_code == 404
    assert stranger.post(f"/chat/{chat}/do/explode/").status_code == 404
    assert "The plan" not in stranger.get("/chat/list/?q=plan").content.decode()
    kept = Conversation.objects.get(pk=chat)
    assert (kept.pinned_at, kept.archived_at, kept.deleted_at) == (None, None, None)


def test_a_branch_opens_as_a_chat_of_its_own(page: Client, chat: str) -> None:
    message = Conversation.objects.get(pk=chat).messages.first()
    assert message is not None
    answer = page.post(f"/messages/{message.pk}/branch/")
    new = Conversation.objects.exclude(pk=chat).get()
    assert answer.headers["Location"] == f"/chat/{new.pk}/"
    assert new.title == "The plan for spring (branch)"


def test_the_palette_finds_chats_models_pages_and_actions(page: Client, chat: str) -> None:
    def found(words: str) -> str:
        return page.get("/palette/", {"q": words}).content.decode()

    assert "The plan for spring" in found("spring")
    assert 'data-deed="gear" data-value="demo-3"' in found("demo 3")
    assert 'href="/"' in found("dash")
    assert 'data-deed="compare"' in found("compare")
    assert "Nothing is called" in found("zzz<b>")
