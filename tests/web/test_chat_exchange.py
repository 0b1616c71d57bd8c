"""Files of chats through the pages: what is downloaded, looked into, imported and undone."""

import io
import json
import re
import stat
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from orchestrator.models import Conversation, ImportBatch, Message, User
from orchestrator.services.chat.exchange import importing, jobs, uploads
from tests.services.chat.exchange.exports import as_json, short_chatgpt, zipped

from .conftest import ATTACK, signed_in

PAGE = "/chat/import/"
EXPORT = "/chat/export/"


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.CLUTCH_HOME = tmp_path
    return tmp_path / "imports"


@pytest.fixture
def chat(ada: User) -> Conversation:
    found = Conversation.objects.create(user=ada, title="Cookies")
    found.head = Message.objects.create(conversation=found, role="user", text="Why?")
    found.save()
    return found


def look_into(client: Client, data: bytes, name: str = "conversations.json") -> HttpResponse:
    file = SimpleUploadedFile(name, data)
    return client.post(PAGE, {"file": file})  # type: ignore[return-value]


def chats(*numbers: int) -> bytes:
    return as_json([short_chatgpt(number) for number in numbers])


def apply_address(answer: HttpResponse) -> str:
    found = re.search(r'action="(/chat/import/[^/]+/apply/)"', answer.content.decode())
    assert found
    return found[1]


def only_batch() -> ImportBatch:
    batch = ImportBatch.objects.get()
    assert jobs.wait(batch.pk, timeout_s=30)
    batch.refresh_from_db()
    return batch


def plain(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_a_chat_is_downloaded_as_markdown_or_json(page: Client, chat: Conversation) -> None:
    address = reverse("export-chat", args=[chat.pk])
    markdown, written = page.get(address), page.get(address, {"form": "json"})
    day = f"{chat.created_at:%Y-%m-%d}"
    assert markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert markdown.headers["Content-Disposition"] == f'attachment; filename="{day}-Cookies.md"'
    assert markdown.content.startswith(b"# Cookies\n")
    assert written.headers["Content-Disposition"] == f'attachment; filename="{day}-Cookies.json"'
    assert json.loads(written.content)["title"] == "Cookies"
    assert page.get(address, {"form": "exe"}).status_code == 404


def test_other_people_s_chats_are_not_there(
    page: Client, stranger: Client, chat: Conversation, eve: User
) -> None:
    address = reverse("export-chat", args=[chat.pk])
    assert stranger.get(address).status_code == 404
    hers = Conversation.objects.create(user=eve)
    for ids in ([str(hers.pk)], [str(chat.pk), str(hers.pk)], [str(uuid4())], ["x"]):
        assert page.post(EXPORT, {"ids": ids}).status_code == 404
    chat.deleted_at = timezone.now()
    chat.save()
    assert page.get(address).status_code == 404


async def download(user: User, **fields: Any) -> dict[str, bytes]:
    client = AsyncClient()
    await client.aforce_login(user)
    answer: Any = await client.post(EXPORT, fields)
    assert answer.headers["Content-Type"] == "application/zip"
    assert re.fullmatch(
        r'attachment; filename="clutch-chats-\d{4}-\d\d-\d\d\.zip"',
        answer.headers["Content-Disposition"],
    )
    data = b"".join([piece async for piece in answer.streaming_content])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_many_chats_are_downloaded_as_an_archive(
    transactional_db: None, ada: User, eve: User, chat: Conversation
) -> None:
    other = await Conversation.objects.acreate(user=ada, title="Other")
    await Conversation.objects.acreate(user=eve, title="Hers")
    day = f"{chat.created_at:%Y-%m-%d}"
    both = {f"{day}-Cookies.md", f"{day}-Other.md"}
    assert set(await download(ada)) == both
    assert set(await download(ada, ids=[str(chat.pk), str(other.pk)])) == both
    assert set(await download(ada, ids=[str(chat.pk)], form="json")) == {f"{day}-Cookies.json"}


def test_the_page_says_what_is_understood(page: Client) -> None:
    text = plain(page.get(PAGE))
    for part in ("ChatGPT", "Claude", "Data controls", "Privacy", "Export chats"):
        assert part in text


def test_looking_into_a_file_shows_a_table_and_imports_nothing(page: Client, home: Path) -> None:
    empty = short_chatgpt(3) | {"mapping": {}, "title": ATTACK}
    data = as_json([short_chatgpt(1), short_chatgpt(2), empty])
    answer = look_into(page, data, "my <b>.json")
    text = plain(answer)
    assert "2 will import · 1 empty" in text
    assert "Import 2 chats" in text
    assert "Chat 1 will import 2 28 May 2026" in text
    assert ATTACK not in answer.content.decode()
    assert not Conversation.objects.exists()
    assert not ImportBatch.objects.exists()
    kept = sorted(path.name for path in home.iterdir())
    assert [Path(name).suffix for name in kept] == [".json", ".waiting"]
    assert {stat.S_IMODE((home / name).stat().st_mode) for name in kept} == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_long_table_is_cut(page: Client) -> None:
    text = plain(look_into(page, chats(*range(205))))
    assert "205 chats in the file" in text
    assert text.count("will import 2") == 200
    assert "and 5 more" in text


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"hello", "There are no chats in this file."), (b"PK\x03\x04", "The ZIP is damaged")],
)
def test_a_file_that_is_not_understood_is_answered_with_a_sentence(
    page: Client, home: Path, data: bytes, told: str
) -> None:
    answer = look_into(page, data)
    assert answer.status_code == 422
    assert told in plain(answer)
    assert "Understood are" in plain(answer)
    assert list(home.iterdir()) == []


def test_no_file_is_answered_with_a_sentence(page: Client) -> None:
    answer = page.post(PAGE, {})
    assert answer.status_code == 422
    assert b"Choose a file." in answer.content


def test_a_file_in_which_nothing_is_new_offers_no_import(page: Client, ada: User) -> None:
    importing.apply(ada, "x", chats(1))
    answer = look_into(page, chats(1))
    assert "Nothing in it is new." in plain(answer)
    assert "/apply/" not in answer.content.decode()


def test_an_import_runs_beside_the_page_and_is_undone(
    transactional_db: None, page: Client, ada: User, home: Path
) -> None:
    data = zipped({f"conversations-00{n}.json": [short_chatgpt(n)] for n in range(3)})
    answer = page.post(apply_address(look_into(page, data, "export.zip")))
    batch = only_batch()
    assert answer.headers["Location"] == f"/chat/import/{batch.pk}/progress/"
    assert (batch.state, batch.done, batch.total) == ("done", 3, 3)
    assert (batch.file_name, batch.source, batch.user) == ("export.zip", "chatgpt", ada)
    assert list(home.iterdir()) == []
    assert "3 chats imported, 0 passed over" in plain(page.get(answer.headers["Location"]))
    assert "export.zip done 3 0" in plain(page.get(PAGE))
    undone = page.post(f"/chat/import/{batch.pk}/undo/")
    only_batch()
    undone = page.get(undone.headers["Location"])
    assert "Every chat of it was removed." in plain(undone)
    assert not Conversation.objects.exists()


def test_clicking_twice_imports_once(transactional_db: None, page: Client) -> None:
    address = apply_address(look_into(page, chats(1, 2)))
    assert page.post(address).status_code == 302
    assert only_batch().done == 2
    again = page.post(address)
    assert again.status_code == 404
    assert "imported already" in plain(again)
    assert Conversation.objects.count() == 2


def test_while_one_import_runs_another_waits(page: Client, ada: User) -> None:
    address = apply_address(look_into(page, chats(1)))
    importing.begin(ada, "x", "chatgpt", 5)
    answer = page.post(address)
    assert answer.status_code == 409
    assert "Wait until it has ended." in plain(answer)
    assert uploads.claim(ada.pk, address.split("/")[3]).total == 1


def test_a_stranger_neither_applies_nor_sees_nor_undoes(
    page: Client, stranger: Client, ada: User
) -> None:
    address = apply_address(look_into(page, chats(1)))
    assert stranger.post(address).status_code == 404
    batch = importing.apply(ada, "x", chats(2))
    assert stranger.get(f"/chat/import/{batch.pk}/progress/").status_code == 404
    assert stranger.post(f"/chat/import/{batch.pk}/undo/").status_code == 404
    assert Conversation.objects.count() == 1
    assert ImportBatch.objects.get() == batch


@pytest.mark.parametrize("key", ["..", "%2e%2e%2fclutch", "x", "a" * 22, "x" * 500])
def test_a_made_up_key_finds_nothing(page: Client, key: str) -> None:
    assert page.post(f"/chat/import/{key}/apply/").status_code == 404


def test_a_new_file_takes_the_place_of_the_one_that_waits(
    page: Client, stranger: Client, home: Path
) -> None:
    first = apply_address(look_into(page, chats(1)))
    other = apply_address(look_into(stranger, chats(1)))
    second = apply_address(look_into(page, chats(2)))
    assert len(list(home.glob("*.waiting"))) == 2
    assert page.post(first).status_code == 404
    names = {path.name.split("-", 1)[1] for path in home.glob("*.waiting")}
    assert names == {f"{address.split('/')[3]}.waiting" for address in (second, other)}


def test_files_of_crashed_imports_go_after_a_day(
    page: Client, ada: User, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = apply_address(look_into(page, chats(1))).split("/")[3]
    uploads.claim(ada.pk, key)
    look_into(page, chats(2))
    assert len(list(home.glob(f"*{key}*"))) == 2
    monkeypatch.setattr(uploads, "KEPT_S", -60)
    look_into(page, chats(3))
    assert not list(home.glob(f"*{key}*"))


def test_progress_is_polled_while_it_runs_and_not_afterwards(page: Client, ada: User) -> None:
    batch = importing.begin(ada, "x.zip", "chatgpt", 5)
    ImportBatch.objects.update(done=2, skipped=1)
    address = f"/chat/import/{batch.pk}/progress/"
    whole = page.get(address).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in whole
    part = page.get(address, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "3 of 5 chats" in part
    assert f'hx-get="{address}" hx-trigger="every 1s"' in part
    ImportBatch.objects.update(state="done")
    part = page.get(address, headers={"hx-request": "true"}).content.decode()
    assert "hx-get" not in part
    assert "2 chats imported, 1 passed over" in part


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"state": "failed", "error": "The file is damaged."}, "ended early: The file is damaged."),
        ({"seen_at": timezone.now() - timedelta(hours=1)}, "was interrupted after 0 of 1 chats"),
    ],
    ids=["failed", "interrupted"],
)
def test_an_import_that_did_not_end_well_says_so_and_offers_to_undo_it(
    transactional_db: None, page: Client, ada: User, fields: dict[str, Any], told: str
) -> None:
    batch = importing.begin(ada, "x", "chatgpt", 1)
    ImportBatch.objects.update(**fields)
    Conversation.objects.create(user=ada, import_batch=batch)
    address = f"/chat/import/{batch.pk}/progress/"
    assert told in plain(page.get(address))
    assert "Undo this import" in plain(page.get(address))
    page.post(f"/chat/import/{batch.pk}/undo/")
    only_batch()
    assert not Conversation.objects.exists()
    assert "Undo this import" not in plain(page.get(address))


def test_an_undoing_that_was_cut_short_can_go_on(page: Client, ada: User) -> None:
    batch = importing.apply(ada, "x", chats(1, 2))
    importing.revoke(batch)
    html = page.get(f"/chat/import/{batch.pk}/progress/").content.decode()
    assert "Being undone: 2 chats left to remove." in html
    assert "Go on undoing" in html
    assert 'hx-trigger="every 1s"' in html


def test_a_file_that_breaks_in_the_thread_is_told_of(
    transactional_db: None, page: Client, home: Path
) -> None:
    address = apply_address(look_into(page, chats(*range(150))))
    waiting = next(home.glob("*.waiting"))
    waiting.write_bytes(waiting.read_bytes()[:-50])
    page.post(address)
    batch = only_batch()
    assert (batch.state, batch.done) == ("failed", 100)
    assert "damaged" in plain(page.get(f"/chat/import/{batch.pk}/progress/"))


def test_only_ones_own_imports_are_listed(page: Client, eve: User) -> None:
    importing.apply(eve, "hers.json", chats(1))
    assert "hers.json" not in page.get(PAGE).content.decode()
    assert "hers.json" in signed_in(eve).get(PAGE).content.decode()
