"""The directory that holds this installation's state, and its secret key."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from clutchweb import env


def place() -> Path:
    """CLUTCH_HOME, by default ~/.clutch; it need not be there yet."""
    return Path(env.text("CLUTCH_HOME") or Path.home() / ".clutch").expanduser()


def path() -> Path:
    """The same, made private on first use."""
    home = place()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(home.stat().st_mode) & 0o077:
            home.chmod(0o700)
    except OSError as error:
        raise ImproperlyConfigured(
            f"Cannot keep data in {home}: {error.strerror}. Set CLUTCH_HOME to a folder of yours."
        ) from error
    return home


def secret_key() -> str:
    """CLUTCH_SECRET_KEY, or one made once and kept in the home directory."""
    if key := env.text("CLUTCH_SECRET_KEY"):
        return key
    file = path() / "secret.key"
    if not file.exists():
        _make(file)
    return _read(file)


def _make(file: Path) -> None:
    """Whole or not at all, also on a full disk, and never in place of another process's key."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()


def _read(file: Path) -> str:
    key = file.read_text().strip()
    if len(key) < 32:
        raise ImproperlyConfigured(
            f"{file} is damaged. Restore it from a backup; without it sign-ins are lost. "
            f"To start over, move it aside."
        )
    return key
