"""Whether the database fits the code: asked at every start, so asked cheaply."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

from clutchweb import env

KEEP_BACKUPS = 7


class DatabaseRefused(Exception):
    """The database cannot be used; the message says why and what to do. It was not changed."""


def newest_known() -> str:
    files = resources.files("orchestrator.migrations").iterdir()
    return max(file.name[:-3] for file in files if file.name[:4].isdigit())


def newest_applied() -> str:
    """Empty for a database that was never set up."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise DatabaseRefused(_unusable(error)) from error
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'orchestrator'")
            row = cursor.fetchone()
    except DatabaseError as error:
        if _is_damage(error):
            raise DatabaseRefused(_damaged()) from error
        return ""
    return row[0] or "" if row else ""


def ensure_current() -> None:
    """Migrate if needed, after a backup; refuse what is damaged or newer than this program."""
    applied, known = newest_applied(), newest_known()
    if applied == known:
        return
    if applied > known:
        raise DatabaseRefused(
            f"A newer version of Clutch Web made this database ({applied}). "
            "Get that version, or set CLUTCH_HOME to another folder."
        )
    if applied:
        back_up()
    _migrate()
    file = database_file()
    if file is not None and file.exists():
        file.chmod(0o600)  # SQLite gives its side files the same mode


def _migrate() -> None:
    """With all apps: this process may have been started without those that serve pages."""
    if not settings.IS_BARE:
        call_command("migrate", verbosity=0, interactive=False)
        return
    environment = {**env.everything(), "CLUTCH_BARE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--no-input"],
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise DatabaseRefused(_unmigrated(done.stderr))


def back_up() -> Path | None:
    """A verified copy of the SQLite file in backups/; the oldest beyond seven are removed."""
    source = database_file()
    if source is None or not source.exists():
        return None
    folder = Path(settings.CLUTCH_HOME) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"clutch-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.db"
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    target.chmod(0o600)
    if verdict != "ok":
        raise DatabaseRefused(_damaged())
    for old in sorted(folder.glob("clutch-*.db"))[:-KEEP_BACKUPS]:
        old.unlink()
    return target


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


def _is_damage(error: DatabaseError) -> bool:
    return "malformed" in str(error) or "not a database" in str(error)


def _unusable(error: DatabaseError) -> str:
    return _damaged() if _is_damage(error) else f"The database cannot be opened: {error}."


def _damaged() -> str:
    return (
        f"The database {database_file()} is damaged and was left as it is. Copies are in "
        f"{Path(settings.CLUTCH_HOME) / 'backups'}: put one in its place, or move the damaged "
        "file aside to start anew."
    )
