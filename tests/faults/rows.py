"""Reading an installation's database from outside, while its processes come and go."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import psycopg

from tests.process.served import ServedHome

Row = tuple[Any, ...]
PATIENCE_S = 45.0
LOOK_S = 0.05
NEWEST = "(SELECT id FROM orchestrator_trip ORDER BY id DESC LIMIT 1)"


def rows(home: ServedHome, question: str) -> list[Row]:
    """`{run}` stands for the newest trip."""
    sql = question.format(run=NEWEST)
    if url := home.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as connection:
            return list(connection.execute(sql).fetchall())  # type: ignore[arg-type]
    path = home.folder / ".clutch" / "clutch.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
        return list(connection.execute(sql).fetchall())


def one(home: ServedHome, question: str) -> Any:
    return rows(home, question)[0][0]


def state(home: ServedHome) -> str:
    """Of the newest trip."""
    return str(one(home, "SELECT state FROM orchestrator_trip WHERE id = {run}"))


def until(is_so: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> float:
    """Looks again and again, also while the database is away; the seconds it took."""
    began, pause = time.monotonic(), threading.Event()
    while time.monotonic() - began < timeout_s:
        with suppress(psycopg.OperationalError):
            if is_so():
                return time.monotonic() - began
        pause.wait(LOOK_S)
    raise AssertionError(f"not within {timeout_s} s: {what}")


LEASE = "SELECT lease_until FROM orchestrator_trip WHERE id = {run}"


def until_renewed(home: ServedHome, times: int) -> None:
    """Three times are longer than one lease lasts."""
    for _ in range(times):
        before = one(home, LEASE)
        until(lambda before=before: one(home, LEASE) > before, "its lease is renewed")


def until_state(home: ServedHome, *wanted: str, timeout_s: float = PATIENCE_S) -> float:
    return until(lambda: state(home) in wanted, f"the run is {' or '.join(wanted)}", timeout_s)
