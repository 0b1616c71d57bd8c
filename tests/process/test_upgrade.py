"""Databases that cannot be brought up to date, and first starts that were cut short."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.installations import Template
from tests.process.served import ServedHome

pytestmark = pytest.mark.process


def database(home: ServedHome) -> Path:
    folder = home.folder / ".clutch"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "clutch.db"


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("words", [("status",), ("serve", "--no-browser"), ("status", "--json")])
def test_a_failed_migration_is_told_in_one_sentence(
    home: ServedHome, words: tuple[str, ...]
) -> None:
    change(database(home), "CREATE TABLE orchestrator_user (id integer)")
    done = home.clutch(*words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "orchestrator_user" in done.stderr
    assert "already exists" in done.stderr
    assert "run the command again" in done.stderr
    assert "put " not in done.stderr  # there was nothing before


def test_a_failed_upgrade_names_the_copy_from_before(
    home: ServedHome, sqlite_template: Template
) -> None:
    sqlite_template.copy(home.folder / ".clutch")
    later = "DELETE FROM django_migrations WHERE app = 'orchestrator' AND name NOT LIKE '0001%'"
    change(database(home), later)
    done = home.clutch("status")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    (copy,) = (home.folder / ".clutch" / "backups").glob("clutch-*.db")
    assert str(copy) in done.stderr


def test_a_first_start_that_was_cut_short_is_carried_on(
    home: ServedHome, sqlite_template: Template
) -> None:
    sqlite_template.copy(home.folder / ".clutch")
    change(
        database(home),
        "DELETE FROM django_migrations WHERE app = 'sessions'",
        "DROP TABLE django_session",
    )
    assert home.clutch("status").returncode == 0
    with closing(sqlite3.connect(database(home))) as connection:
        assert connection.execute("SELECT count(*) FROM django_session").fetchone() == (0,)


def test_a_wrong_address_of_a_database_is_told_without_its_password(home: ServedHome) -> None:
    home.extra["DATABASE_URL"] = "mysql://me:s3cret@host/name"
    done = home.clutch("status")
    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL is no address of a database")
    assert "s3cret" not in done.stderr
