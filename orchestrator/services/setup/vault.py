"""The encrypted store of provider keys: one file, private to its owner, each entry bound to where
its key may be sent.

An entry is sealed together with its name and origin, so a sealed text moved to another entry
cannot be opened.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from orchestrator.json_input import InvalidJson, parse

MAX_BYTES = 1024 * 1024
KEY_BYTES = 32


class VaultDamaged(Exception):
    """The store cannot be read; the message says what to do. It was not changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    origins: tuple[str, ...]
    sealed: str
    last4: str
    saved_at: str


def store_path() -> Path:
    return Path(settings.CLUTCH_HOME) / "credentials.json"


def key_path() -> Path:
    return Path(settings.CLUTCH_HOME) / "vault.key"


def previous_key_path() -> Path:
    return key_path().with_name("vault.key.previous")


def entries() -> dict[str, Entry]:
    """All entries, still sealed. A missing file is an empty store; a damaged one an error."""
    return _read()


def open_entry(entry: Entry) -> str:
    try:
        sealed = base64.b64decode(entry.sealed, validate=True)
        return _opened(sealed, _bound(entry.name, entry.origins)).decode()
    except (InvalidTag, ValueError):
        raise VaultDamaged(
            f"The stored {entry.name} cannot be opened with the key in {key_path()}. "
            f"Restore that file from a backup, or set the key anew: clutch keys set {entry.name}"
        ) from None


def _opened(sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(_key()).decrypt(sealed[:12], sealed[12:], bound)
    except InvalidTag:
        # A rotation that was cut short leaves entries under the key before.
        if not previous_key_path().exists():
            raise
        previous = bytes.fromhex(previous_key_path().read_text().strip())
        return AESGCM(previous).decrypt(sealed[:12], sealed[12:], bound)


def put(name: str, origins: tuple[str, ...], secret: str) -> None:
    nonce = secrets.token_bytes(12)
    sealed = nonce + AESGCM(_key()).encrypt(nonce, secret.encode(), _bound(name, origins))
    entry = Entry(
        name=name,
        origins=origins,
        sealed=base64.b64encode(sealed).decode(),
        last4=secret[-4:] if len(secret) >= 12 else "",
        saved_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with _locked():
        known = _read_or_set_aside()
        _write({**known, name: entry})


def remove(name: str) -> bool:
    with _locked():
        known = _read_or_set_aside()
        found = known.pop(name, None)
        if found:
            _write(known)
    return found is not None


def rotate_key() -> int:
    """Seal everything anew under a new key. All or nothing: what cannot be opened stops it."""
    opened = {name: (entry, open_entry(entry)) for name, entry in entries().items()}
    with _locked():
        if key_path().exists():
            _write_private(previous_key_path(), key_path().read_bytes())
        _write_private(key_path(), secrets.token_hex(KEY_BYTES).encode())
    for name, (entry, secret) in opened.items():
        put(name, entry.origins, secret)
    previous_key_path().unlink(missing_ok=True)
    return len(opened)


def _bound(name: str, origins: tuple[str, ...]) -> bytes:
    return json.dumps([name, *sorted(origins)]).encode()


def _key() -> bytes:
    """CLUTCH_ENCRYPTION_KEY for installations of several machines, else a private file."""
    if settings.ENCRYPTION_KEY:
        return bytes.fromhex(settings.ENCRYPTION_KEY)
    path = key_path()
    if not path.exists():
        _write_private(path, secrets.token_hex(KEY_BYTES).encode())
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultDamaged(f"{path} is damaged. Restore it from a backup, or move it aside.")
    return key


def _read() -> dict[str, Entry]:
    path = store_path()
    try:
        facts = path.stat()
    except FileNotFoundError:
        return {}
    return dict(_parsed(path, facts.st_mtime_ns, facts.st_ino))


@lru_cache(maxsize=4)
def _parsed(path: Path, mtime_ns: int, inode: int) -> Mapping[str, Entry]:
    """Every decision looks for keys, so an unchanged file is read once per process."""
    try:
        document = parse(path.read_bytes(), max_bytes=MAX_BYTES)
        return {name: _entry(name, fields) for name, fields in _mapping(document).items()}
    except (InvalidJson, TypeError, KeyError):
        raise VaultDamaged(
            f"{path} is damaged and was left as it is. Keys in the environment still work; "
            f"setting a key anew keeps the damaged file aside and starts a new one."
        ) from None


def _mapping(document: object) -> Mapping[str, Mapping[str, object]]:
    if not isinstance(document, dict) or not all(isinstance(v, dict) for v in document.values()):
        raise TypeError("not a store of keys")
    return document


def _entry(name: str, fields: Mapping[str, object]) -> Entry:
    origins = fields["origins"]
    if not isinstance(origins, list):
        raise TypeError("origins")
    return Entry(
        name=name,
        origins=tuple(str(origin) for origin in origins),
        sealed=str(fields["sealed"]),
        last4=str(fields["last4"]),
        saved_at=str(fields["saved_at"]),
    )


def _read_or_set_aside() -> dict[str, Entry]:
    """For writing: a damaged file is kept beside the new one, never overwritten."""
    try:
        return _read()
    except VaultDamaged:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        store_path().rename(store_path().with_name(f"credentials.json.corrupt-{stamp}"))
        return {}


def _write(known: Mapping[str, Entry]) -> None:
    document = {
        name: {
            "origins": list(entry.origins),
            "sealed": entry.sealed,
            "last4": entry.last4,
            "saved_at": entry.saved_at,
        }
        for name, entry in known.items()
    }
    _write_private(store_path(), json.dumps(document, indent=1).encode())


def _write_private(path: Path, content: bytes) -> None:
    """Readable by the owner alone from its first byte, and never half written."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # only there still where the disk was full


@contextmanager
def _locked() -> Iterator[None]:
    descriptor = os.open(store_path().with_name(".credentials.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
