"""`clutch chats` through its front door."""

import json
import zipfile
from pathlib import Path

import pytest

from orchestrator.models import Conversation, ImportBatch, Message, User
from tests.cli.conftest import Clutch
from tests.services.chat.exchange.exports import as_json, short_chatgpt, zipped


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.zip"
    file.write_bytes(zipped({"conversations.json": [short_chatgpt(n) for n in (1, 2)]}))
    return file


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_dry_run_tells_and_writes_nothing(clutch: Clutch, export: Path) -> None:
    done = clutch("chats", "import", export, "--dry-run")
    assert (done.status, "Chat 1" in done.out) == (0, True)
    assert "2 will import · 0 already here" in done.out
    told = json.loads(clutch("chats", "import", export, "--dry-run", "--json").out)
    assert told["source"] == "chatgpt"
    assert told["counts"]["will import"] == 2
    assert [each["title"] for each in told["chats"]] == ["Chat 1", "Chat 2"]
    assert not ImportBatch.objects.exists()


def test_chats_are_imported_listed_and_taken_back(clutch: Clutch, export: Path) -> None:
    done = clutch("chats", "import", export)
    batch = ImportBatch.objects.get()
    assert (
        f"2 chats imported, 0 passed over. Take it back: clutch chats undo {batch.pk}" in done.out
    )
    again = json.loads(clutch("chats", "import", export, "--json").out)
    assert (again["imported"], again["skipped"]) == (0, 2)
    listed = json.loads(clutch("chats", "list", "--json").out)
    assert {each["title"] for each in listed} == {"Chat 1", "Chat 2"}
    assert {each["import_batch"] for each in listed} == {batch.pk}
    assert "Chat 1" in clutch("chats", "list").out
    undone = json.loads(clutch("chats", "undo", batch.pk, "--json").out)
    assert undone == {"batch": batch.pk, "removed": 2, "kept": 0}
    assert "no chats yet" in clutch("chats", "list").out


def test_one_chat_is_printed_and_several_are_packed(
    clutch: Clutch, export: Path, in_folder: Path
) -> None:
    clutch("chats", "import", export)
    first, second = Conversation.objects.order_by("title")
    assert clutch("chats", "export", first.pk).out.startswith("# Chat 1\n")
    assert json.loads(clutch("chats", "export", first.pk, "--json").out)["title"] == "Chat 1"
    clutch("chats", "export", first.pk, "--form", "json", "--out", "one.json")
    assert json.loads((in_folder / "one.json").read_bytes())["title"] == "Chat 1"
    told = json.loads(clutch("chats", "export", first.pk, second.pk, "--json").out)
    assert told["chats"] == 2
    assert len(zipfile.ZipFile(in_folder / told["file"]).namelist()) == 2
    assert clutch("chats", "export", "--form", "json", "--out", "all.zip").status == 0
    assert len(zipfile.ZipFile(in_folder / "all.zip").namelist()) == 2


def test_an_export_comes_back(clutch: Clutch, export: Path, in_folder: Path) -> None:
    clutch("chats", "import", export)
    clutch("chats", "export", "--form", "json", "--out", "all.zip")
    assert "0 chats imported, 2 passed over" in clutch("chats", "import", "all.zip").out
    Conversation.objects.all().delete()
    assert "2 chats imported" in clutch("chats", "import", "all.zip").out
    assert Message.objects.count() == 4


def test_without_chats_nothing_is_written(clutch: Clutch, in_folder: Path) -> None:
    done = clutch("chats", "export")
    assert (done.status, done.out) == (0, "There are no chats to export.\n")
    assert list(in_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("import", "missing.zip"), 2, "Cannot read missing.zip: No such file"),
        (("import", "text.zip"), 1, "Understood are the ZIP"),
        (("export", "0192f0aa-7e1b-7c3d-9f00-aa11bb22cc33"), 2, "See: clutch chats list"),
        (("export", "nonsense"), 2, "There is no chat 'nonsense'"),
        (("export", "--form", "pdf"), 2, "Use one of: markdown, json."),
        (("undo", "77"), 2, "There is no import 77."),
        (("undo", "x"), 2, "valid integer"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_status(
    clutch: Clutch, in_folder: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    (in_folder / "text.zip").write_bytes(b"hello")
    done = clutch("chats", *words)
    assert done.status == status
    assert told in done.err


def test_a_folder_that_is_not_there_is_told_of(
    clutch: Clutch, export: Path, in_folder: Path
) -> None:
    clutch("chats", "import", export)
    done = clutch("chats", "export", "--out", "no/such/file.zip")
    assert done.status == 1
    assert "Cannot write no/such/file.zip" in done.err


def test_other_people_s_chats_are_not_there(clutch: Clutch) -> None:
    eve = User.objects.create_user("eve")
    hers = Conversation.objects.create(user=eve, title="Hers")
    assert clutch("chats", "export", hers.pk).status == 2
    assert "Hers" not in clutch("chats", "list").out


def test_a_damaged_file_imports_nothing(clutch: Clutch, in_folder: Path) -> None:
    whole = as_json([short_chatgpt(number) for number in range(150)])
    (in_folder / "cut.json").write_bytes(whole[:-20])
    assert clutch("chats", "import", "cut.json").status == 1
    assert not Conversation.objects.exists()
