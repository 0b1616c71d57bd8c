"""`clutch rules import`: a Markdown table in, rules out, or a list of what is wrong."""

import io
import json
import sys
from pathlib import Path

import pytest

from orchestrator.models import Rule
from tests.cli.conftest import Clutch

TABLE = "| name | when | gear |\n|---|---|---|\n| bills | keywords: invoice | demo-2 |\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "rules.md"
    file.write_text("﻿# Rules\n\n" + TABLE)
    return file


def test_a_table_becomes_rules(clutch: Clutch, table: Path) -> None:
    done = clutch("rules", "import", table)
    assert (done.status, done.out) == (0, "rules: 1 new\n  new: rules bills\n0 unchanged.\n")
    told = json.loads(clutch("rules", "test", "Pay this invoice", "--json").out)
    assert (told["rule"], told["gear"]) == ("bills", "demo-2")


def test_a_dry_run_only_says_what_would_change(clutch: Clutch, table: Path) -> None:
    done = clutch("rules", "import", table, "--dry-run", "--json")
    assert json.loads(done.out) == {
        "dry_run": True,
        "created": ["rules bills"],
        "changed": [],
        "unchanged": 0,
    }
    assert not Rule.objects.exists()


def test_a_pipe_is_read(clutch: Clutch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(TABLE))
    assert clutch("rules", "import", "-").status == 0
    assert Rule.objects.get().name == "bills"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TABLE.replace("demo-2", "nobody").encode(), "line 3: There is no gear named 'nobody'"),
        (TABLE.replace("gear", "geer").encode(), "line 1: there is no column 'geer'"),
        (b"nothing", "There is no table"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (None, "Cannot read"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changed(
    clutch: Clutch, tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "rules.md"
    if content is not None:
        file.write_bytes(content)
    done = clutch("rules", "import", file)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
    assert not Rule.objects.exists()
