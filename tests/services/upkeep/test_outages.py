"""Which errors mean that database or disk are away, and what is said of them."""

import errno
import sqlite3

import psycopg
import psycopg_pool
import pytest
from django.db import Error, IntegrityError, InterfaceError, OperationalError

from orchestrator.services.upkeep import outages

REFUSED = (
    'connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused\n'
    "\tIs the server running on that host and accepting TCP/IP connections?"
)


def caused(error: Error, cause: Exception) -> Error:
    error.__cause__ = cause
    return error


def postgres(text: str, cause: type[Exception] = psycopg.OperationalError) -> Error:
    return caused(OperationalError(text), cause(text))


def sqlite(text: str) -> Error:
    return caused(OperationalError(text), sqlite3.OperationalError(text))


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (sqlite("database or disk is full"), "disk", "The disk is full"),
        (sqlite("disk I/O error"), "disk", "The disk is full"),
        (sqlite("database is locked"), "busy", "busy with another process"),
        (sqlite("attempt to write a readonly database"), "readonly", "cannot be written"),
        (sqlite("unable to open database file"), "readonly", "cannot be written"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk", "The disk is full"),
        (OSError(errno.EFBIG, "File too large"), "disk", "The disk is full"),
        (postgres(REFUSED), "postgres", "cannot be reached: Connection refused."),
        (
            postgres("failed to resolve host 'x': [Errno -2] Name or service not known"),
            "postgres",
            "failed to resolve host 'x'",
        ),
        (
            postgres('connection to server at "h" failed: FATAL:  password is wrong'),
            "postgres",
            "cannot be reached: password is wrong.",
        ),
        (postgres("no connection in 5 s", psycopg_pool.PoolTimeout), "postgres", "in 5 s."),
        (postgres("shut down.", psycopg.errors.AdminShutdown), "postgres", "reached: shut down."),
        (postgres("", psycopg.OperationalError), "postgres", "it gives no reason"),
        (postgres("no room", psycopg.errors.DiskFull), "disk", "PostgreSQL's disk is full"),
        (
            caused(InterfaceError("closed"), psycopg.InterfaceError("closed")),
            "postgres",
            "reached: closed.",
        ),
    ],
    ids=str,
)
def test_an_outage_is_told_in_a_sentence_with_the_next_step(
    error: BaseException, kind: str, told: str
) -> None:
    outage = outages.of(error)
    assert outage is not None
    assert outage.kind == kind
    assert told in outage.message
    assert len(str(outage).splitlines()) == 1
    assert outage.next_step.endswith(".") or "clutch doctor" in outage.next_step


@pytest.mark.parametrize(
    "error",
    [
        None,
        ValueError("database or disk is full"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        sqlite("no such table: orchestrator_trip"),
        caused(IntegrityError("UNIQUE failed"), sqlite3.IntegrityError("UNIQUE failed")),
        postgres("no such table", psycopg.errors.UndefinedTable),
        postgres("took too long", psycopg.errors.QueryCanceled),
        caused(IntegrityError("twice"), psycopg.errors.UniqueViolation("twice")),
    ],
    ids=str,
)
def test_a_defect_is_no_outage(error: BaseException | None) -> None:
    assert outages.of(error) is None
