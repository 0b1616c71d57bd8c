"""Provider keys on their page: where each is found, tried, replaced, forgotten, never shown."""

import json
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from django.test import AsyncClient, Client
from pytest_django import Settings

from orchestrator import runtime
from orchestrator.cli.main import command
from orchestrator.models import Provider, User
from orchestrator.services.database import in_thread
from orchestrator.services.setup import credentials, transfer, vault
from orchestrator.services.upkeep import startup
from orchestrator.web.urls import urlpatterns
from tests.providers.recorded import Reply, Request, serve

NAME = "OPENROUTER_API_KEY"
CANARIES = {place: f"canary-of-the-{place}-3141592653589793" for place in ("env", "store", "file")}
# Without a leading shape such as sk-, so that only knowing the key can hide it.
PASTED = "canary-pasted-2718281828459045"


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.CLUTCH_HOME = tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    for preset in credentials.presets().values():
        for name in (preset.name, *preset.aliases):
            monkeypatch.delenv(name, raising=False)
    return tmp_path


def keep_everywhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / ".credentials"
    folder.mkdir()
    (folder / NAME.lower()).write_text(CANARIES["file"])
    (folder / NAME.lower()).chmod(0o600)
    credentials.set_key(NAME, CANARIES["store"])
    monkeypatch.setenv(NAME, CANARIES["env"])


def is_clean(text: str) -> bool:
    return not any(value in text for value in (*CANARIES.values(), PASTED))


def test_every_place_is_shown_in_its_order_and_the_used_one_is_named(
    editor: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_everywhere(home, monkeypatch)
    html = editor.get("/keys/").content.decode()
    row = html.split(f'id="key-{NAME}"')[1].split("</ol>")[0]
    places = [row.index(word) for word in ("environment", "encrypted store", "~/.credentials/")]
    assert places == sorted(places)
    assert row.count("not used") == 2
    assert row.index("used</span>") < row.index("encrypted store")
    assert "…9793" in row
    assert "since" in row
    assert is_clean(html)


def test_a_key_for_another_address_says_so(
    editor: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_everywhere(home, monkeypatch)
    Provider.objects.filter(name="openrouter").update(base_url="https://evil.example/v1")
    assert "is not for https://evil.example" in editor.get("/keys/").content.decode()


def test_forgetting_takes_only_what_the_store_has(
    editor: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_everywhere(home, monkeypatch)
    assert editor.post(f"/keys/at/{NAME}/remove/").status_code == 302
    assert NAME not in vault.entries()
    assert editor.post(f"/keys/at/{NAME}/remove/").status_code == 404
    left = editor.get("/keys/").content.decode().split("places-of-key")[1]
    assert "encrypted store" not in left


def test_sealing_anew_keeps_the_keys(
    editor: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials.set_key(NAME, CANARIES["store"])
    before = (home / "vault.key").read_text()
    html = editor.post("/keys/seal/").content.decode()
    assert "1 key was sealed anew" in html
    assert (home / "vault.key").read_text() != before
    assert vault.open_entry(vault.entries()[NAME]) == CANARIES["store"]


def test_what_is_kept_is_encrypted(home: Path) -> None:
    startup.prepare()
    credentials.set_key(NAME, CANARIES["store"])
    for file in home.rglob("*"):
        if file.is_file():
            assert CANARIES["store"].encode() not in file.read_bytes()
            assert file.stat().st_mode & 0o077 == 0 or file.suffix in (".db", ".log")


def pages() -> list[str]:
    """Every address of ours that can be opened as it stands."""
    return [f"/{each.pattern}" for each in urlpatterns if not each.pattern.converters]


def test_no_page_shows_a_key(editor: Client, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_everywhere(home, monkeypatch)
    credentials.secret_for(Provider.objects.get(name="openrouter"))
    addresses = [
        *pages(),
        "/gears/at/demo-1/",
        "/admin/orchestrator/provider/",
        f"/admin/orchestrator/provider/{Provider.objects.get(name='openrouter').pk}/change/",
        "/nowhere/",
    ]
    assert "/keys/" in addresses
    for address in addresses:
        answer = editor.get(address)
        if not answer.streaming:
            assert is_clean(answer.content.decode()), address
    assert is_clean(transfer.export_document())


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "list"),
        ("keys", "list", "--json"),
        ("keys", "rotate", "--json"),
        ("providers", "list", "--json"),
        ("gears", "list", "--json"),
        ("config", "export"),
        ("doctor", "--json"),
        ("status", "--json"),
    ],
    ids=" ".join,
)
def test_no_command_prints_a_key(
    transactional_db: None,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    startup.prepare()
    keep_everywhere(home, monkeypatch)
    for name in ("CLUTCH_BARE", "CLUTCH_LOG_LEVEL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "argv", ["clutch", *words])
    with pytest.raises(SystemExit):
        command()
    told = capsys.readouterr()
    assert told.out.strip()
    assert is_clean(told.out + told.err)


def test_the_list_in_json_tells_the_order(
    transactional_db: None,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    startup.prepare()
    keep_everywhere(home, monkeypatch)
    for name in ("CLUTCH_BARE", "CLUTCH_LOG_LEVEL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "argv", ["clutch", "keys", "list", "--json"])
    with pytest.raises(SystemExit):
        command()
    row = next(r for r in json.loads(capsys.readouterr().out) if r["name"] == NAME)
    assert [place["source"] for place in row["places"]] == ["environment", "store", "file"]
    assert [place["is_used"] for place in row["places"]] == [True, False, False]


def echo(request: Request) -> Reply:
    """A server that repeats in its refusal what it was sent."""
    sent = request.headers.get("authorization", "")
    return Reply(json.dumps({"error": {"message": f"bad key: {sent}"}}).encode(), status=401)


@pytest.fixture
async def closed_clients() -> AsyncIterator[None]:
    yield
    await runtime.close()


def set_up(url: str) -> User:
    startup.prepare()
    Provider.objects.filter(name="openrouter").update(base_url=f"{url}/v1")
    return User.objects.create_superuser("root")


@pytest.mark.django_db(transaction=True)
async def test_a_key_that_does_not_work_is_neither_kept_nor_repeated(
    closed_clients: None, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serve(echo) as wire:
        root = await in_thread(set_up, wire.url)
        client = AsyncClient()
        await client.aforce_login(root)
        answer = await client.post("/setup/keys/", {"key": PASTED, "name": NAME})
        sent = [request.headers.get("authorization", "") for request in wire.requests]
    html = answer.content.decode()
    assert f"Bearer {PASTED}" in sent
    assert "The key was rejected" in html
    assert "[hidden]" in html
    assert is_clean(html)
    assert is_clean(caplog.text)
    assert not (home / "credentials.json").exists()


@pytest.mark.django_db(transaction=True)
async def test_a_kept_key_can_be_tried_again(
    closed_clients: None, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(echo) as wire:
        root = await in_thread(set_up, wire.url)
        await in_thread(credentials.set_key, NAME, CANARIES["store"])
        client = AsyncClient()
        await client.aforce_login(root)
        answer = await client.post(f"/keys/at/{NAME}/try/")
    html = answer.content.decode()
    assert "The key was rejected" in html
    assert is_clean(html + caplog.text)
