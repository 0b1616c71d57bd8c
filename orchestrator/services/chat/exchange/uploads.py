"""Files that wait to be imported: private, in the home directory, found only by their owner."""

import json
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time

from django.conf import settings

from orchestrator.services.chat.exchange.importing import Findings

KEY = re.compile(r"[A-Za-z0-9_-]{22}")
WAITING, CLAIMED, NOTES = ".waiting", ".claimed", ".json"
KEPT_S = 24 * 3600


class UploadGone(LookupError):
    """It was imported, is too old, or was never there."""


@dataclass(frozen=True, slots=True)
class Upload:
    """`path` is where the file lies now; its notes lie beside it."""

    key: str
    name: str
    path: Path

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.path.with_suffix(NOTES).unlink(missing_ok=True)

    def note(self, findings: Findings) -> None:
        """What the dry run said, for the import that follows it."""
        notes = {"name": self.name, "source": findings.source, "total": len(findings.rows)}
        _write_private(self.path.with_suffix(NOTES), [json.dumps(notes).encode()])


@dataclass(frozen=True, slots=True)
class Claimed:
    upload: Upload
    source: str
    total: int

    def release(self) -> None:
        """Nothing was done with it: it waits again."""
        self.upload.path.rename(self.upload.path.with_suffix(WAITING))


def keep(user_id: int, name: str, pieces: Iterable[bytes]) -> Upload:
    """Each person has one file waiting at most: a new one takes the place of the last."""
    folder = _folder()
    _remove_old(folder, user_id)
    key = secrets.token_urlsafe(16)
    path = folder / f"{user_id}-{key}{WAITING}"
    _write_private(path, pieces)
    return Upload(key, name, path)


def claim(user_id: int, key: str) -> Claimed:
    """For the import that reads it. Renaming is atomic, so a second click finds nothing."""
    if not KEY.fullmatch(key):
        raise UploadGone
    path = _folder() / f"{user_id}-{key}{WAITING}"
    claimed = path.with_suffix(CLAIMED)
    try:
        notes = json.loads(path.with_suffix(NOTES).read_bytes())
        path.rename(claimed)
    except FileNotFoundError:
        raise UploadGone from None
    return Claimed(Upload(key, notes["name"], claimed), notes["source"], notes["total"])


def _folder() -> Path:
    folder = Path(settings.CLUTCH_HOME) / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _write_private(path: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)


def _remove_old(folder: Path, user_id: int) -> None:
    """Files of imports that crashed have nobody else who would remove them."""
    for path in list(folder.iterdir()):
        is_replaced = path.name.startswith(f"{user_id}-") and _waits(path)
        with suppress(FileNotFoundError):  # another request removes them, too
            if is_replaced or path.stat().st_mtime < time() - KEPT_S:
                path.unlink()


def _waits(path: Path) -> bool:
    return path.suffix == WAITING or not path.with_suffix(CLAIMED).exists()
