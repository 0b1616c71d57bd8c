"""The directory that holds this installation's state, and its secret key."""

import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from clutchweb import env


def path() -> Path:
    """CLUTCH_HOME, by default ~/.clutch; made private on first use."""
    home = Path(env.text("CLUTCH_HOME") or Path.home() / ".clutch").expanduser()
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
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(file)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_urlsafe(50))
    return _read(file)


def _read(file: Path) -> str:
    key = file.read_text().strip()
    if len(key) < 32:
        raise ImproperlyConfigured(
            f"{file} is damaged. Restore it from a backup; without it sign-ins are lost. "
            f"To start over, move it aside."
        )
    return key
