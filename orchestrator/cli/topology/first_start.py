"""The first start of a home that was used before: what its SQLite file holds is taken along."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg

from clutchweb import env
from orchestrator.cli.topology import programs
from orchestrator.cli.topology.supervisor import NotStarted, Tell

FIRST_TABLE = "django_migrations"


def take_along(file: Path, addresses: Mapping[str, str], tell: Tell) -> None:
    """Nothing where there is no file, or where PostgreSQL has been used already."""
    address = addresses["DATABASE_URL"]
    if not file.exists() or _is_used(address):
        return
    tell(f"First start: {file} is copied into PostgreSQL …")
    environment = {**env.everything(), "CLUTCH_BARE": "0", "CLUTCH_MOVE_TO": address}
    for name in addresses:
        environment.pop(name, None)
    done = subprocess.run(
        programs.clutch("move"),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    if done.returncode:
        raise NotStarted("Nothing was started, and the old database is as it was.")


def _is_used(address: str) -> bool:
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT to_regclass(%s)", [FIRST_TABLE]).fetchone()
    return found is not None and found[0] is not None
