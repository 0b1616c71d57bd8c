"""The server process: one per home, found by a locked file that says where it answers."""

import asyncio
import errno
import fcntl
import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import django

from clutchweb import home
from orchestrator.cli import exits, session

PORTS_TO_TRY = 20
BACKLOG = 2048
# Addresses that mean all of this computer's, and one of them that a browser can open.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, never bound


@dataclass(frozen=True, slots=True)
class Running:
    pid: int
    url: str


def listen(host: str, wanted: int) -> socket.socket:
    """A socket on the wanted port, or on the next that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, min(wanted + PORTS_TO_TRY, 65_536)):
        # Named as TCP, or asyncio leaves Nagle's delay on and frames wait 40 ms for each other.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(BACKLOG)  # only now the port is ours
        except OSError as error:
            bound.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                exits.leave(exits.FAILED, f"Cannot listen on {host}: {error.strerror}.")
            continue
        return bound
    return exits.leave(
        exits.FAILED, f"No port from {wanted} on is free.", "Choose one: PORT=9000 make run"
    )


def url_of(host: str, port: int) -> str:
    """Where a browser on this computer finds it."""
    shown = EVERYWHERE.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def lock_path() -> Path:
    return home.path() / "server.lock"


def running() -> Running | None:
    """The server that holds this home, if one does."""
    try:
        descriptor = os.open(lock_path(), os.O_RDWR)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            known = json.loads(handle.read() or "{}")
            return Running(known.get("pid", 0), known.get("url", ""))
    return None


def refuse_second(first: Running) -> NoReturn:
    if not first.url:
        exits.leave(
            exits.FAILED,
            f"This home is being moved by process {first.pid}.",
            "Wait until it has ended, then try again.",
        )
    exits.leave(
        exits.FAILED,
        f"Clutch Web is already running here, at {first.url}",
        "A new sign-in link for it: clutch link",
    )


def take_lock(url: str) -> int:
    """Held until this process ends, however it ends."""
    descriptor = os.open(lock_path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        refuse_second(running() or Running(0, "an unknown address"))
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)
    return descriptor


def run(bound: socket.socket, url: str, on_ready: Callable[[str], None]) -> None:
    django.setup()
    from django.conf import settings

    held = take_lock(url) if settings.IS_EMBEDDED else None
    session.ready()
    from django.utils import timezone

    from orchestrator.services.people import signin

    link = signin.make_link(settings.PUBLIC_URL or url, signin.ensure_owner(), timezone.now())
    with suppress(KeyboardInterrupt):
        asyncio.run(serve_pages(bound, lambda: on_ready(link)))
    if held is not None:
        os.close(held)


async def serve_pages(bound: socket.socket, on_ready: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, *arguments: Any, **options: Any) -> None:
            await super().startup(*arguments, **options)
            if self.started:
                on_ready()

    server = Server(
        uvicorn.Config(
            "clutchweb.asgi:application",
            ws="websockets-sansio",
            ws_max_size=1024 * 1024,
            timeout_graceful_shutdown=20,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    await server.serve(sockets=[bound])
