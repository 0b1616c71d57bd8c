"""A disk without room: one sentence, nothing half written, and all is well when there is room."""

import json
import resource
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.installations import Template
from tests.process.chatting import send
from tests.process.served import CLUTCH, ServedHome

pytestmark = pytest.mark.process
WAIT_S = 60


@pytest.fixture
def used(home: ServedHome, sqlite_template: Template) -> ServedHome:
    """A home that was used before."""
    sqlite_template.copy(home.folder / ".clutch")
    home.clutch("status", check=True)
    return home


@pytest.fixture
def running(used: ServedHome) -> ServedHome:
    used.start()
    return used


def set_room(pid: int, size: int) -> None:
    """How large files may grow for a process: what lies beyond fails as on a full disk."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    set_room(pid, 0)
    try:
        yield
    finally:
        set_room(pid, resource.RLIM_INFINITY)


def clutch_with(home: ServedHome, size: int, *words: str) -> "subprocess.CompletedProcess[str]":
    return home.clutch(*words, preexec_fn=lambda: set_room(0, size))


def is_told_once(told: str) -> bool:
    return len(told.strip().splitlines()) <= 2 and "disk is full" in told


def database(home: ServedHome) -> Path:
    return home.folder / ".clutch" / "clutch.db"


def end_leases(home: ServedHome) -> None:
    """As if half a minute had passed."""
    with closing(sqlite3.connect(database(home))) as connection, connection:
        connection.execute("UPDATE orchestrator_trip SET lease_until = '2026-01-01 00:00:00'")


def held_nano(home: ServedHome) -> int:
    with closing(sqlite3.connect(database(home))) as connection:
        query = "SELECT coalesce(sum(reserved_nano), 0) FROM orchestrator_budgetperiod"
        held: int = connection.execute(query).fetchone()[0]
        return held


def events_of(home: ServedHome) -> str:
    """The text in the log of the only trip, which must have no holes."""
    with closing(sqlite3.connect(database(home))) as connection:
        query = "SELECT seq, kind, payload FROM orchestrator_tripevent ORDER BY seq"
        rows = connection.execute(query).fetchall()
    assert [seq for seq, _, _ in rows] == list(range(1, len(rows) + 1))
    return "".join(json.loads(payload)["text"] for _, kind, payload in rows if kind == "text")


def assert_well(home: ServedHome) -> None:
    assert home.clutch_json("doctor", "--invariants")["breaches"] == []
    assert held_nano(home) == 0
    assert home.clutch_json("run", "Hello there")["state"] == "done"


@pytest.mark.parametrize("words", [("Say hello to me",), ("run", "Hello", "--json"), ("status",)])
def test_a_command_says_so_in_one_sentence_and_leaves_nothing(
    used: ServedHome, words: tuple[str, ...]
) -> None:
    done = clutch_with(used, 0, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert is_told_once(done.stderr), done.stderr
    assert used.clutch("last").returncode == 1  # nothing was begun
    assert_well(used)


@pytest.mark.parametrize("size", [0, 20, 100_000, 600_000])
def test_a_first_start_that_finds_no_room_can_be_repeated(home: ServedHome, size: int) -> None:
    done = clutch_with(home, size, "status")
    assert done.returncode == 1
    assert is_told_once(done.stderr), done.stderr
    assert_well(home)


def test_an_upgrade_that_finds_no_room_for_a_copy_changes_nothing(used: ServedHome) -> None:
    with closing(sqlite3.connect(database(used))) as connection, connection:
        connection.execute(
            "DELETE FROM django_migrations WHERE app = 'orchestrator' AND name NOT LIKE '0001%'"
        )
    before = database(used).read_bytes()
    done = clutch_with(used, 100_000, "status")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "could not be copied first" in done.stderr
    assert database(used).read_bytes() == before
    assert list((used.folder / ".clutch" / "backups").iterdir()) == []


def test_money_held_by_a_command_is_free_when_there_is_room_again(used: ServedHome) -> None:
    with subprocess.Popen(
        [CLUTCH, "/demo long 200"],
        env=used.environment,
        cwd=used.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(10)
        set_room(process.pid, 0)
        _, told = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert is_told_once(told), told
    assert held_nano(used) > 0
    end_leases(used)
    assert used.clutch_json("last")["state"] == "stalled"
    assert_well(used)


def test_the_server_refuses_in_a_sentence_and_goes_on_when_there_is_room(
    running: ServedHome,
) -> None:
    assert running.process is not None
    with httpx.Client(base_url=running.url, follow_redirects=True, trust_env=False) as reader:
        reader.get(running.link)
        page = reader.get("/chat/").text
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        asked = {"text": "Hello", "csrfmiddlewaretoken": token}
        headers = {"Origin": running.url, "Accept": "application/json"}
        with full_disk(running.process.pid):
            refused = reader.post("/chat/send/", data=asked, headers=headers)
            assert reader.get("/chat/").status_code == 200
        assert refused.status_code == 503
        assert refused.json()["error"].startswith("The disk is full")
        send(reader, running, "Hello again")
    deadline = time.monotonic() + WAIT_S
    while running.clutch_json("last")["state"] != "done" and time.monotonic() < deadline:
        pass
    assert "Traceback" not in (running.folder / "server.log").read_text()
    running.stop()
    assert_well(running)


def begin_long_answer(reader: httpx.Client, home: ServedHome, words: int) -> None:
    """Returns when the first words are there."""
    reader.get(home.link)
    trip = send(reader, home, f"/demo long {words}")
    with reader.stream("GET", f"{trip}events/") as events:
        assert any(line == "event: text" for line in events.iter_lines())


def test_an_answer_outlives_a_disk_that_was_full_for_a_moment(running: ServedHome) -> None:
    assert running.process is not None
    with httpx.Client(base_url=running.url, follow_redirects=True, trust_env=False) as reader:
        begin_long_answer(reader, running, 300)
        with full_disk(running.process.pid):
            assert running.clutch_json("last")["state"] == "driving"
    deadline = time.monotonic() + WAIT_S
    while running.clutch_json("last")["state"] == "driving" and time.monotonic() < deadline:
        pass
    shown = running.clutch_json("last")
    assert shown["state"] == "done"
    assert events_of(running) == shown["answer"]
    assert "Traceback" not in (running.folder / "server.log").read_text()
    running.stop()
    assert_well(running)


def test_an_answer_whose_end_could_not_be_kept_is_settled_at_the_next_start(
    running: ServedHome,
) -> None:
    assert running.process is not None
    with httpx.Client(base_url=running.url, follow_redirects=True, trust_env=False) as reader:
        begin_long_answer(reader, running, 4000)
    set_room(running.process.pid, 0)
    running.stop()
    assert running.clutch_json("last")["state"] == "driving"
    assert held_nano(running) > 0
    running.start()
    assert running.clutch_json("last")["state"] == "stalled"
    running.stop()
    assert_well(running)
