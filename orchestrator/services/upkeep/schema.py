"""Whether the database fits the code: asked at every start, so asked cheaply."""

import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, Error, connection

from clutchweb import env
from orchestrator.services.upkeep import outages

KEEP_BACKUPS = 7
# The sessions come last, so a first start that was cut short is seen by their absence.
NEWEST = (
    "SELECT (SELECT max(name) FROM django_migrations WHERE app = 'orchestrator'), "
    "(SELECT count(*) FROM django_migrations WHERE app = 'sessions')"
)
# `django.db.utils.OperationalError: ` before the reason itself
CLASS_NAME = re.compile(r"^[\w.]+: ")


class DatabaseRefused(Exception):
    """The database cannot be used; the message says why and what to do. It was not changed."""


def newest_known() -> str:
    files = resources.files("orchestrator.migrations").iterdir()
    return max(file.name[:-3] for file in files if file.name[:4].isdigit())


def newest_applied() -> str:
    """Empty for a database that was never set up, or not to its end."""
    try:
        _reach()
    except Error as error:
        raise DatabaseRefused(_unusable(error)) from error
    try:
        with connection.cursor() as cursor:
            cursor.execute(NEWEST)
            newest, is_whole = cursor.fetchone()
    except DatabaseError as error:
        if _is_damage(error):
            raise DatabaseRefused(_damaged()) from error
        return ""
    return newest if newest and is_whole else ""


def _reach() -> None:
    """Past a pool, which keeps trying for seconds and then does not say why it failed."""
    if connection.settings_dict["OPTIONS"].get("pool"):
        import psycopg

        with connection.wrap_database_errors:
            psycopg.connect(**connection.get_connection_params()).close()
    connection.ensure_connection()


def ensure_current() -> None:
    """Migrate if needed, after a backup; refuse what is damaged or newer than this program."""
    file = database_file()
    if file is not None and not file.exists():
        _make(file)
    applied, known = newest_applied(), newest_known()
    if applied == known:
        return
    if applied > known:
        raise DatabaseRefused(
            f"A newer version of Clutch Web made this database ({applied}). "
            "Get that version, or set CLUTCH_HOME to another folder."
        )
    copy = back_up() if applied else None
    if told := _migrate() if settings.IS_BARE else _migrate_here():
        kept = f" If it fails again, put {copy} in place of {file}." if copy else ""
        raise DatabaseRefused(
            f"The database could not be brought up to date: {_reason_in(told)}. "
            f"Mend the reason, then run the command again.{kept}"
        )


def _make(file: Path) -> None:
    """A new database appears whole or not at all, and never in place of another process's."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        told = _migrate(DATABASE_URL=f"sqlite:///{quote(str(draft.absolute()))}")
        if told:
            raise DatabaseRefused(
                f"The database {file} could not be made: {_reason_in(told)}. Nothing was kept. "
                "Mend the reason, then run the command again."
            )
        draft.chmod(0o600)  # SQLite gives its side files the same mode
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        for left in file.parent.glob(f"{draft.name}*"):
            left.unlink()


def _migrate_here() -> str:
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except (Error, CommandError) as error:
        return str(error) or type(error).__name__
    return ""


def _migrate(**changes: str) -> str:
    """What went wrong, if anything. In a process of its own, where all apps take part, also those
    that serve pages and that this one may have been started without.
    """
    environment = {**env.everything(), "CLUTCH_BARE": "0", **changes}
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--no-input"],
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.stderr or f"it ended with {done.returncode}" if done.returncode else ""


def back_up() -> Path | None:
    """A verified copy of the SQLite file in backups/; the oldest beyond seven are removed."""
    source = database_file()
    if source is None or not source.exists():
        return None
    folder = Path(settings.CLUTCH_HOME) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"clutch-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.db"
    try:
        verdict = _copy(source, target)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise DatabaseRefused(
            f"The database must be changed for this version, and could not be copied first: "
            f"{error}. It was left as it is. Free some space in {folder}, then try again."
        ) from error
    target.chmod(0o600)
    if verdict != "ok":
        target.unlink()  # it is as damaged as what it was made of
        raise DatabaseRefused(_damaged())
    for old in sorted(folder.glob("clutch-*.db"))[:-KEEP_BACKUPS]:
        old.unlink()
    return target


def _copy(source: Path, target: Path) -> str:
    """What SQLite says of the copy: `ok`, or what is wrong with it."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        verdict: str = copy.execute("PRAGMA integrity_check").fetchone()[0]
        return verdict


def check_integrity() -> str:
    """`ok`, or what SQLite finds wrong; PostgreSQL looks after itself."""
    if connection.vendor != "sqlite":
        return "ok"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(5)")
        return "; ".join(row[0] for row in cursor.fetchall())


def free_bytes() -> int:
    return shutil.disk_usage(settings.CLUTCH_HOME).free


def database_file() -> Path | None:
    database = settings.DATABASES["default"]
    return Path(database["NAME"]) if database["ENGINE"].endswith("sqlite3") else None


def _is_damage(error: Error) -> bool:
    return "malformed" in str(error) or "not a database" in str(error)


def _unusable(error: Error) -> str:
    if _is_damage(error):
        return _damaged()
    outage = outages.of(error)
    return str(outage) if outage else f"The database cannot be opened: {error}."


def _reason_in(told: str) -> str:
    """From an error's text or a whole traceback, whose last line names the reason."""
    reason = CLASS_NAME.sub("", told.strip().splitlines()[-1]).rstrip(".")
    is_full = any(words in reason for words in outages.SQLITE_FULL)
    return f"the disk is full ({reason})" if is_full else reason


def _damaged() -> str:
    told = f"The database {database_file()} is damaged and was left as it is."
    folder = Path(settings.CLUTCH_HOME) / "backups"
    if not any(folder.glob("clutch-*.db")):
        return f"{told} There is no copy of it yet: move the damaged file aside to start anew."
    return (
        f"{told} Copies are in {folder}: put one in its place, or move the damaged file aside "
        "to start anew."
    )
