"""What a scaled installation keeps in its home: passwords, data, logs, and how to reach it."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clutchweb import env, home
from orchestrator.cli import server
from orchestrator.cli.topology import machine

# Where root keeps what another user has to reach; a home of root's is closed to everybody else.
SHARED = Path("/var/lib/clutch-web")
NAMES = ("DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True, slots=True)
class Folders:
    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def postgres(self) -> Path:
        """The cluster's folder; for root a link in the home says where it is."""
        if machine.postgres_user() is None:
            return self.root / "postgres"
        # Named after the password: a home that was emptied begins with a new cluster.
        name = hashlib.sha256(self.password("postgres").encode()).hexdigest()[:16]
        return SHARED / name / "postgres"

    @property
    def addresses(self) -> Path:
        return self.root / "addresses.json"

    def password(self, name: str) -> str:
        """Made once and kept, readable by its owner only."""
        file = self.root / f"{name}.password"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text()


def prepared() -> Folders:
    folders = Folders(home.path() / "scaled")
    for folder in (folders.root, folders.logs, folders.redis):
        folder.mkdir(mode=0o700, exist_ok=True)
    folders.addresses.unlink(missing_ok=True)  # of one that was killed
    return folders


def write_private(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    draft.replace(file)


def running_addresses() -> Mapping[str, str]:
    """How commands of this home reach its scaled servers while they run."""
    if any(env.text(name) for name in NAMES):
        return {}
    file = home.path() / "scaled" / "addresses.json"
    if server.running() is None:  # what a killed one left behind leads nowhere
        return {}
    known = json.loads(file.read_text())
    return {name: known[name] for name in NAMES}
