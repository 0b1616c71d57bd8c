"""What this computer has: the servers' programs, a way to install them, a user to run them."""

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path

from clutchweb import env
from orchestrator.cli import exits

PACKAGES = {"redis-server": "redis-server", "postgres": "postgresql"}
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
# PostgreSQL refuses to run as root; its packages bring this user.
POSTGRES_USER = "postgres"


def find(name: str) -> Path | None:
    """From the search path, or where packages put PostgreSQL; the newest of several."""
    if found := shutil.which(name):
        return Path(found)
    folders = [folder for pattern in POSTGRES_FOLDERS for folder in Path("/").glob(pattern[1:])]
    known = [folder / name for folder in sorted(folders) if (folder / name).exists()]
    return known[-1] if known else None


def need(name: str) -> Path:
    found = find(name)
    if found is None:
        exits.leave(
            exits.FAILED,
            f"{name} is not installed on this computer.",
            f"Install it, then try again: {_command_for([PACKAGES.get(name, 'postgresql')])}",
        )
    return found


def install_missing() -> None:
    """With apt where we may; elsewhere one sentence says what to install."""
    missing = [package for name, package in PACKAGES.items() if find(name) is None]
    if not missing:
        return
    apt = _apt()
    if not apt:
        exits.leave(
            exits.FAILED,
            f"Needed, and not installed: {', '.join(missing)}.",
            f"Install it, then try again: {_command_for(missing)}",
        )
    environment = {**env.everything(), "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", *missing]):
        done = subprocess.run([*apt, *words], env=environment, stdout=subprocess.DEVNULL)
        if done.returncode and words[0] == "install":
            exits.leave(exits.FAILED, f"apt could not install: {', '.join(missing)}.")


def _command_for(packages: list[str]) -> str:
    if shutil.which("brew"):
        names = ["redis" if name == "redis-server" else name for name in packages]
        return f"brew install {' '.join(names)}"
    return f"sudo apt-get install {' '.join(packages)}"


def _apt() -> list[str]:
    if shutil.which("apt-get") is None:
        return []
    if os.geteuid() == 0:
        return ["apt-get"]
    can_sudo = shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"]).returncode
    return ["sudo", "-n", "apt-get"] if can_sudo else []


def postgres_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as, where that is not ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(POSTGRES_USER)
    except KeyError:
        return exits.leave(
            exits.FAILED,
            f"PostgreSQL does not run as root, and there is no user {POSTGRES_USER} here.",
            "Start Clutch Web as another user than root.",
        )


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
