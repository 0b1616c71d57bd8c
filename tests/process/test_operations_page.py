"""Every command on the page about operations runs, in its order and in one shell."""

import os
import re
import subprocess
import uuid
from pathlib import Path

import psycopg
import pytest

from tests.process.served import CLUTCH, ROOT, ServedHome

pytestmark = [pytest.mark.process, pytest.mark.postgres]
PAGE = (ROOT / "docs" / "operations.md").read_text()
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
# Run by `test_topology`, and by `test_compose_commands` as far as it goes without Docker.
ELSEWHERE = {
    "make scaled",
    "docker compose up --build --detach",
    "docker compose exec web clutch link",
}
SECRETS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "CLUTCH_SECRET_KEY", "CLUTCH_ENCRYPTION_KEY"}


def commands(part: str) -> list[str]:
    """Of one section of the page."""
    text = PAGE.partition(f"## {part}\n")[2].partition("\n## ")[0]
    lines = [line for block in CONSOLE.findall(text) for line in block.splitlines()]
    found = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [command for command in found if command not in ELSEWHERE]


def empty_database(postgres_url: str) -> str:
    server, name = postgres_url.rpartition("/")[0], f"page_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def run(home: ServedHome, command: str, **extra: str) -> None:
    environment = {**home.environment, **extra, "PATH": f"{CLUTCH.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        command,
        shell=True,
        env=environment,
        cwd=home.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_moving_then_backing_up_and_restoring(home: ServedHome, postgres_url: str) -> None:
    home.clutch("run", "Hello", check=True)
    moved, empty = empty_database(postgres_url), empty_database(postgres_url)
    moving, keeping = commands("Moving to PostgreSQL"), commands("Backups and upgrades")
    assert (len(moving), len(keeping)) == (2, 3)
    for command in moving:
        run(home, command, NEW_DATABASE_URL=moved)
    for command in keeping:
        run(home, command, DATABASE_URL=moved, EMPTY_DATABASE_URL=empty)
    restored = ServedHome(home.folder, {"DATABASE_URL": empty})
    assert restored.clutch_json("last")["headline"] == "Hello"


def test_the_secrets_are_made_for_their_owner_only(home: ServedHome) -> None:
    (command,) = commands("Scaled mode")
    run(home, command)
    file: Path = home.folder / ".env"
    made = dict(line.split("=") for line in file.read_text().splitlines())
    assert set(made) == SECRETS
    assert {len(value) for value in made.values()} == {64}
    assert file.stat().st_mode & 0o077 == 0


def test_no_command_is_on_the_page_that_no_test_runs() -> None:
    sections = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    known = [command for section in sections for command in commands(section)]
    assert len(known) == 6
