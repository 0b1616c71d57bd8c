"""A PostgreSQL of this home's own: loopback, a free port, a generated password."""

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from clutchweb import env
from orchestrator.cli import exits
from orchestrator.cli.topology import machine
from orchestrator.cli.topology.folders import Folders
from orchestrator.cli.topology.programs import Program

NAME = USER = "clutch"
LOOK_S = 0.1
START_S = 60.0
MAX_CONNECTIONS = 200


def program(folders: Folders) -> tuple[Program, str]:
    """The server, its cluster made where there is none, and the address of its database."""
    data, port = folders.postgres, machine.free_port()
    password = folders.password("postgres")
    if not (data / "PG_VERSION").exists():
        _make_cluster(data, password)
    if data.parent != folders.root:
        _point_to(data, folders.root / "postgres")
    user = machine.postgres_user()
    address = f"postgres://{USER}:{quote(password)}@127.0.0.1:{port}"

    async def ready() -> None:
        await _answering(f"{address}/postgres")
        await asyncio.to_thread(_make_database, address)

    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": str(MAX_CONNECTIONS),
    }
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    started = Program(
        "postgres",
        (str(machine.need("postgres")), "-D", str(data), *settings),
        {"PATH": env.text("PATH"), "LC_ALL": "C"},
        ready=ready,
        log=folders.logs / "postgres.log",
        user=user.pw_name if user else "",
        stop_signal=signal.SIGINT,  # "fast": it does not wait for clients to leave
    )
    return started, f"{address}/{NAME}"


def _make_cluster(data: Path, password: str) -> None:
    """In a folder beside, so that one that was cut short is never taken for a whole one."""
    user = machine.postgres_user()
    data.parent.mkdir(mode=0o755 if user else 0o700, parents=True, exist_ok=True)
    draft, secret = data.with_name("postgres.new"), data.with_name("password.new")
    shutil.rmtree(draft, ignore_errors=True)
    secret.unlink(missing_ok=True)
    descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(password)
    draft.mkdir(mode=0o700)
    if user:
        for made in (secret, draft):
            os.chown(made, user.pw_uid, user.pw_gid)
    try:
        _run_initdb(draft, secret, user.pw_name if user else None)
        draft.rename(data)
    finally:
        secret.unlink()


def _point_to(data: Path, sign: Path) -> None:
    if sign.is_symlink() and sign.readlink() == data:
        return
    sign.unlink(missing_ok=True)
    sign.symlink_to(data)


def _run_initdb(data: Path, secret: Path, user: str | None) -> None:
    done = subprocess.run(
        [
            *(str(machine.need("initdb")), "-D", str(data), "-U", USER),
            *("-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C"),
        ],
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        exits.leave(exits.FAILED, f"PostgreSQL could not be set up: {reason[0]}")


async def _answering(address: str) -> None:
    async with asyncio.timeout(START_S):
        while True:
            with suppress(psycopg.OperationalError):
                connection = await psycopg.AsyncConnection.connect(address, connect_timeout=5)
                await connection.close()
                return
            await asyncio.sleep(LOOK_S)


def _make_database(address: str) -> None:
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {NAME}")
