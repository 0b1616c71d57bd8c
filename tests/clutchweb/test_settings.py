"""The settings pass Django's own deployment check, and no database loses what it needs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.installations import Installation

pytestmark = pytest.mark.process
PRAGMAS = ("journal_mode", "foreign_keys", "synchronous", "journal_size_limit", "busy_timeout")
ASK = f"""
import django, json
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    said = {{name: cursor.execute(f"PRAGMA {{name}}").fetchone()[0] for name in {PRAGMAS!r}}}
print(json.dumps({{**said, "mode": connection.transaction_mode}}))
"""


def pragmas(installation: Installation) -> Any:
    return json.loads(installation.run("-c", ASK))


@pytest.mark.parametrize("url", ["", "https://drive.example"])
def test_the_deployment_check_finds_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUTCH_PUBLIC_URL", url)
    said = Installation(tmp_path).run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert "no issues" in said


def test_a_sqlite_file_named_by_its_url_works_like_the_usual_one(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    named = pragmas(Installation(tmp_path / "home", f"sqlite:///{elsewhere}"))
    assert named == pragmas(Installation(tmp_path / "home"))
    assert (named["journal_mode"], named["mode"]) == ("wal", "IMMEDIATE")
    assert elsewhere.exists()


def test_what_the_url_of_a_sqlite_file_says_itself_counts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}?timeout=3"
    assert pragmas(Installation(tmp_path / "home", url))["busy_timeout"] == 3000
