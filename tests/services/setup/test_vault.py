"""Stored keys: sealed, bound to their origins, private, and never overwritten when damaged."""

import json
import stat
from pathlib import Path

import pytest
from pytest_django import Settings

from orchestrator.services.setup import vault
from orchestrator.services.setup.vault import VaultDamaged

SECRET = "sk-ant-api03-canary-0123456789"
ORIGINS = ("https://api.anthropic.com",)


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.CLUTCH_HOME = tmp_path
    return tmp_path


def kept() -> str:
    return vault.open_entry(vault.entries()["A_KEY"])


def test_a_key_goes_round_and_is_nowhere_in_plain(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    assert kept() == SECRET
    assert all(SECRET.encode() not in file.read_bytes() for file in home.iterdir())


def test_every_file_is_private(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in home.iterdir()}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("field", ["origins", "name"])
def test_a_sealed_key_cannot_be_moved_elsewhere(home: Path, field: str) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    document = json.loads(vault.store_path().read_text())
    if field == "origins":
        document["A_KEY"]["origins"] = ["https://evil.example"]
    else:
        document["B_KEY"] = document["A_KEY"]
    vault.store_path().write_text(json.dumps(document))
    name = "A_KEY" if field == "origins" else "B_KEY"
    with pytest.raises(VaultDamaged) as damaged:
        vault.open_entry(vault.entries()[name])
    assert SECRET not in str(damaged.value)


@pytest.mark.parametrize("content", ["", "{", '{"A_KEY": 5}', "[]", '{"A_KEY": {"origins": 1}}'])
def test_a_damaged_store_is_told_and_kept_aside(home: Path, content: str) -> None:
    vault.store_path().write_text(content)
    with pytest.raises(VaultDamaged):
        vault.entries()
    assert vault.store_path().read_text() == content
    vault.put("A_KEY", ORIGINS, SECRET)
    assert kept() == SECRET
    aside = next(home.glob("credentials.json.corrupt-*"))
    assert aside.read_text() == content


def test_a_lost_master_key_is_told(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    vault.key_path().write_text("ab" * 32)
    with pytest.raises(VaultDamaged) as damaged:
        kept()
    assert "clutch keys set A_KEY" in str(damaged.value)


def test_the_master_key_can_be_changed(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    before = vault.key_path().read_text()
    assert vault.rotate_key() == 1
    assert vault.key_path().read_text() != before
    assert kept() == SECRET


def test_a_change_of_master_key_cut_short_loses_nothing(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    vault.previous_key_path().write_bytes(vault.key_path().read_bytes())
    vault.key_path().write_text("cd" * 32)
    assert kept() == SECRET


def test_a_removed_key_is_gone(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, SECRET)
    assert vault.remove("A_KEY")
    assert not vault.remove("A_KEY")
    assert vault.entries() == {}


def test_short_keys_show_no_ending(home: Path) -> None:
    vault.put("A_KEY", ORIGINS, "short")
    assert vault.entries()["A_KEY"].last4 == ""
