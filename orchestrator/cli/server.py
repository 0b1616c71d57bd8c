"""The server process: one per home, found by a locked file that says where it answers."""

import asyncio
import fcntl
import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.cli import exits, session

PORTS_TO_TRY = 20


@dataclass(frozen=True, slots=True)
class Running:
    pid: int
    url: str


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next that is free."""
    for port in range(wanted, min(wanted + PORTS_TO_TRY, 65_536)):
        if _is_free(host, port):
            return port
    return exits.leave(
        exits.FAILED, f"No port from {wanted} on is free.", "Choose one: PORT=9000 make run"
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def lock_path() -> Path:
    from django.conf import settings

    return Path(settings.CLUTCH_HOME) / "server.lock"


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


def take_lock(url: str) -> int:
    """Held until this process ends, however it ends."""
    descriptor = os.open(lock_path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        known = running()
        where = known.url if known else "an unknown address"
        exits.leave(
            exits.FAILED,
            f"Clutch Web is already running here, at {where}",
            "Open it with: clutch link",
        )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)
    return descriptor


def run(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    _set_up()
    from django.conf import settings

    held = take_lock(url) if settings.IS_EMBEDDED else None
    session.ready()
    from django.utils import timezone

    from orchestrator.services import signin

    link = signin.make_link(settings.PUBLIC_URL or url, signin.ensure_owner(), timezone.now())
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, port, lambda: on_ready(link)))
    if held is not None:
        os.close(held)


def _set_up() -> None:
    import django

    django.setup()


async def _serve(host: str, port: int, on_ready: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, *arguments: Any, **options: Any) -> None:
            await super().startup(*arguments, **options)
            if self.started:
                on_ready()

    server = Server(
        uvicorn.Config(
            "clutchweb.asgi:application",
            host=host,
            port=port,
            ws="websockets-sansio",
            ws_max_size=1024 * 1024,
            timeout_graceful_shutdown=20,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    await server.serve()
