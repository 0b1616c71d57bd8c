"""PostgreSQL goes away and comes back: one sentence, no traces, and everything goes on."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.process.served import CLUTCH, ServedHome

pytestmark = [pytest.mark.process, pytest.mark.postgres]


@pytest.fixture(scope="module")
def postgres() -> Iterator[servers.Postgres]:
    with servers.postgres_server() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, postgres: servers.Postgres) -> Iterator[ServedHome]:
    fresh = ServedHome(tmp_path, {"DATABASE_URL": postgres.url})
    yield fresh
    fresh.stop()


@pytest.mark.parametrize(
    "words", [("Say hello to me",), ("status",), ("serve", "--no-browser"), ("stats", "--json")]
)
def test_a_command_says_in_one_sentence_that_it_is_away(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    address = f"postgres://clutch@127.0.0.1:{servers.free_port()}/clutch"
    done = ServedHome(tmp_path, {"DATABASE_URL": address}).clutch(*words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == done.stderr.strip()
    assert "PostgreSQL cannot be reached: Connection refused." in done.stderr
    assert "DATABASE_URL" in done.stderr


def test_a_host_without_a_name_is_told_as_such(tmp_path: Path) -> None:
    address = "postgres://clutch@nowhere.invalid/clutch"
    done = ServedHome(tmp_path, {"DATABASE_URL": address}).clutch("status")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere.invalid" in done.stderr


def test_a_command_whose_database_leaves_in_the_middle_says_so_once(
    home: ServedHome, postgres: servers.Postgres
) -> None:
    home.clutch("status", check=True)
    with subprocess.Popen(
        [CLUTCH, "/demo long 4000"],
        env=home.environment,
        cwd=home.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(10)
        postgres.stop()
        try:
            _, told = process.communicate(timeout=60)
        finally:
            postgres.start()
    assert process.returncode == 1
    assert told.count("PostgreSQL cannot be reached") == 1
    assert "Traceback" not in told


def test_the_server_outlives_it_and_logs_one_line(
    home: ServedHome, postgres: servers.Postgres
) -> None:
    home.start()
    with httpx.Client(base_url=home.url, follow_redirects=True, trust_env=False) as reader:
        assert reader.get(home.link).status_code == 200
        postgres.stop()
        try:
            away = [reader.get("/chat/", timeout=30) for _ in range(2)]
        finally:
            postgres.start()
        back = reader.get("/chat/", timeout=30)
    assert [answer.status_code for answer in away] == [503, 503]
    assert all("PostgreSQL cannot be reached" in answer.text for answer in away)
    assert back.status_code == 200
    log = (home.folder / "server.log").read_text()
    assert "Traceback" not in log
    assert log.count("PostgreSQL cannot be reached") == 1


def test_a_restart_between_two_requests_is_not_noticed(
    home: ServedHome, postgres: servers.Postgres
) -> None:
    home.start()
    with httpx.Client(base_url=home.url, follow_redirects=True, trust_env=False) as reader:
        reader.get(home.link)
        postgres.stop()
        postgres.start()
        assert [reader.get("/chat/").status_code for _ in range(3)] == [200, 200, 200]
