"""`clutch move`: a whole installation from SQLite into PostgreSQL, or nothing at all."""

import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.installations import Template
from tests.process.served import CLUTCH, ROOT, ServedHome

pytestmark = [pytest.mark.process, pytest.mark.postgres]
# Chats with branches, words of several scripts, a file, and JSON of all kinds.
FILL = """
import django; django.setup()
from orchestrator.models import *
from orchestrator.services.people import signin
owner = signin.ensure_owner()
for number in range({chats}):
    chat = Conversation.objects.create(user=owner, title=f"Über Ärger {{number}}")
    first = Message.objects.create(conversation=chat, role="user", text="Straße und 漢字 " * 5)
    second = Message.objects.create(conversation=chat, role="assistant", text="π", parent=first)
    Conversation.objects.filter(pk=chat.pk).update(head=second)
Setting.objects.update_or_create(name="policy", defaults={{"value": "balanced"}})
"""
SEARCH = """
import django; django.setup()
from orchestrator.services.chat import search
from orchestrator.services.people import signin
from orchestrator.services.chat.search_words import *
print(len(search.find(signin.ensure_owner().pk, "strasse")))
"""


def python(home: ServedHome, code: str, **extra: str) -> str:
    environment = {**home.environment, "DJANGO_SETTINGS_MODULE": "clutchweb.settings", **extra}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Template) -> ServedHome:
    home = ServedHome(tmp_path_factory.mktemp("original"))
    sqlite_template.copy(home.folder / ".clutch")
    home.clutch("run", "Hello", check=True)
    home.clutch("run", "Explain recursion", "--pattern", "convoy", check=True)
    home.clutch("budget", "grant", "1", "--period", "day", check=True)
    home.clutch("tokens", "create", "--name", "editor", check=True)
    python(home, FILL.format(chats=30))
    return home


@pytest.fixture
def home(original: ServedHome, tmp_path: Path) -> ServedHome:
    shutil.copytree(original.folder, tmp_path, dirs_exist_ok=True)
    return ServedHome(tmp_path)


@pytest.fixture
def target(postgres_url: str) -> Iterator[str]:
    server, name = postgres_url.rpartition("/")[0], f"moved_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tables_of(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
            " WHERE nspname = 'public'"
        ).fetchone()
    assert found is not None
    return int(found[0])


def sqlite_file(home: ServedHome) -> Path:
    return home.folder / ".clutch" / "clutch.db"


def on_postgres(home: ServedHome, url: str) -> ServedHome:
    return ServedHome(home.folder, {"DATABASE_URL": url})


def shown(home: ServedHome) -> list[object]:
    commands = (("budget", "show"), ("tokens", "list"), ("chats", "list"))
    stats = home.clutch_json("stats")
    del stats["since"]
    lists = (sorted(home.clutch_json(*words), key=str) for words in commands)
    return [stats, home.clutch_json("last"), *lists]


def test_everything_is_there_afterwards_and_goes_on(home: ServedHome, target: str) -> None:
    before = shown(home)
    done = home.clutch_json("move", "--to", target)
    assert done["rows"] > 150
    moved = on_postgres(home, target)
    assert shown(moved) == before
    assert moved.clutch_json("doctor", "--invariants")["breaches"] == []
    assert moved.clutch_json("run", "Hello again")["state"] == "done"
    assert moved.clutch_json("doctor", "--invariants")["breaches"] == []


def test_search_finds_what_was_written_before(home: ServedHome, target: str) -> None:
    home.clutch("move", "--to", target, check=True)
    found = python(home, SEARCH, DATABASE_URL=target)
    assert int(found) > 0
    assert found == python(home, SEARCH)


def test_the_ledger_is_protected_in_the_new_database(home: ServedHome, target: str) -> None:
    home.clutch("move", "--to", target, check=True)
    with (
        psycopg.connect(target) as connection,
        pytest.raises(psycopg.errors.IntegrityConstraintViolation),
    ):
        connection.execute("DELETE FROM orchestrator_ledgerentry")


def test_a_database_with_anything_in_it_is_refused_and_left_alone(
    home: ServedHome, target: str
) -> None:
    with psycopg.connect(target) as connection:
        connection.execute("CREATE TABLE mine (words text)")
    done = home.clutch("move", "--to", target)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert tables_of(target) == 1


def test_a_running_server_is_not_moved(home: ServedHome, target: str) -> None:
    home.start()
    try:
        done = home.clutch("move", "--to", target)
    finally:
        home.stop()
    assert (done.returncode, home.url in done.stderr) == (1, True)
    assert tables_of(target) == 0


def test_no_server_starts_while_it_moves(home: ServedHome) -> None:
    with (home.folder / ".clutch" / "server.lock").open("w") as lock:
        lock.write('{"pid": 1, "url": ""}')
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = home.clutch("serve", "--no-browser")
    assert done.returncode == 1
    assert "is being moved" in done.stderr


def test_what_postgresql_cannot_keep_undoes_everything(home: ServedHome, target: str) -> None:
    with closing(sqlite3.connect(sqlite_file(home))) as connection, connection:
        connection.execute("UPDATE orchestrator_trip SET headline = 'a' || char(0) || 'b'")
    done = home.clutch("move", "--to", target)
    assert done.returncode == 1
    assert "Nothing was kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert tables_of(target) == 0


def test_books_that_do_not_tie_undo_everything(home: ServedHome, target: str) -> None:
    with closing(sqlite3.connect(sqlite_file(home))) as connection, connection:
        connection.execute("UPDATE orchestrator_budgetperiod SET spent_nano = spent_nano + 1")
    done = home.clutch("move", "--to", target)
    assert done.returncode == 1
    assert "ledger ties" in done.stderr
    assert "clutch doctor --invariants" in done.stderr
    assert tables_of(target) == 0


def test_a_killed_move_leaves_the_new_database_empty_and_can_be_repeated(
    home: ServedHome, target: str
) -> None:
    python(home, FILL.format(chats=2000))
    with subprocess.Popen(
        [CLUTCH, "move", "--to", target],
        env=home.environment,
        cwd=home.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr or ():
            if line.startswith("conversation:"):
                break
        os.kill(process.pid, signal.SIGKILL)
    while "idle in transaction" in sessions_of(target):
        pass
    assert tables_of(target) == 0
    home.clutch("move", "--to", target, check=True)


def sessions_of(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        ).fetchall()
    return ["idle in transaction" if state != "idle" else state for (state,) in rows]


def test_the_password_is_never_told(home: ServedHome) -> None:
    done = home.clutch("move", "--to", "postgres://clutch:canary-7@127.0.0.1:1/clutch")
    assert done.returncode == 1
    assert "PostgreSQL cannot be reached" in done.stderr
    assert "canary-7" not in done.stdout + done.stderr


@pytest.mark.parametrize("address", ["", "sqlite:////tmp/x.db", "mysql://u@h/n", "postgres"])
def test_another_kind_of_address_is_refused(home: ServedHome, address: str) -> None:
    done = home.clutch("move", "--to", address)
    assert done.returncode == 2
    assert "no address of a PostgreSQL database" in done.stderr
