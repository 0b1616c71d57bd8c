"""When the database or the disk under it is away: what a person is told, and what comes next."""

import errno
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError

AGAIN = "Try again."
WHEN_BACK = "Start it or correct DATABASE_URL, then try again."
START_REDIS = "Start it or correct REDIS_URL, then try again."
MAKE_ROOM = "Free some space, then try again. See: clutch doctor"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# What SQLite says of a disk without room, of one with a quota, and of one that fails.
SQLITE_FULL = ("database or disk is full", "disk I/O error")
POSTGRES_FULL = "53100"
# Classes of SQLSTATE: no connection, no access, no such database, too many of us, shutting down.
LOST = (OperationalError, InterfaceError)
POSTGRES_AWAY = ("08", "28", "3D", "53", "57P")
NOISE = re.compile(r"^.* failed: |^FATAL:\s+|^\[Errno -?\d+\] ")


@dataclass(frozen=True, slots=True)
class Outage:
    """Nothing of ours is broken: the same request will do when this is over."""

    kind: str
    message: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}"


def of(error: BaseException | None) -> Outage | None:
    """The outage behind an error, or None where the error is one of a program."""
    if isinstance(error, OSError):
        return DISK_FULL if error.errno in FULL else None
    if type(error).__module__.startswith("redis."):
        return Outage("redis", f"Redis cannot be reached: {reason_in(str(error))}.", START_REDIS)
    if not isinstance(error, Error):
        return None
    # Asked of the error, because a thread that only logs it should open no connection.
    if type(error.__cause__).__module__.startswith("psycopg"):
        return _of_postgres(error)
    return _of_sqlite(str(error))


DISK_FULL = Outage("disk", "The disk is full, so nothing could be kept.", MAKE_ROOM)


def _of_sqlite(text: str) -> Outage | None:
    if any(words in text for words in SQLITE_FULL):
        return DISK_FULL
    if "database is locked" in text:
        return Outage("busy", "The database was busy with another process for too long.", AGAIN)
    if "readonly database" in text or "unable to open database file" in text:
        message = f"The database {settings.DATABASES['default']['NAME']} cannot be written."
        return Outage("readonly", message, "Check that you may write it and its folder.")
    return None


def _of_postgres(error: Error) -> Outage | None:
    """Errors without a state never reached the server or lost it on the way."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state == POSTGRES_FULL:
        return Outage("disk", "PostgreSQL's disk is full, so nothing could be kept.", MAKE_ROOM)
    is_away = state.startswith(POSTGRES_AWAY) if state else isinstance(error, LOST)
    return postgres_away(str(error)) if is_away else None


def postgres_away(reason: str) -> Outage:
    return Outage("postgres", f"PostgreSQL cannot be reached: {reason_in(reason)}.", WHEN_BACK)


def reason_in(text: str) -> str:
    """`connection to server at "…", port 1 failed: Connection refused` is refused, in short."""
    line = text.strip().partition("\n")[0]
    while (shorter := NOISE.sub("", line)) != line:
        line = shorter
    return line.strip().rstrip(".") or "it gives no reason"
