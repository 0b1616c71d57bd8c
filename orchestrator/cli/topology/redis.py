"""A Redis of this home's own: loopback, a free port, a password, nothing written to disk."""

import asyncio
from contextlib import suppress

from clutchweb import env
from orchestrator.cli.topology import machine
from orchestrator.cli.topology.folders import Folders
from orchestrator.cli.topology.programs import Program

LOOK_S = 0.1
START_S = 30.0
# Nothing is kept: what waits stands in the database, and the sweeper announces it again.
SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
"""


def program(folders: Folders) -> tuple[Program, str]:
    port, password = machine.free_port(), folders.password("redis")

    async def ready() -> None:
        await _listening(port)

    started = Program(
        "redis",
        (str(machine.need("redis-server")), "-"),
        {"PATH": env.text("PATH"), "LC_ALL": "C"},
        ready=ready,
        log=folders.logs / "redis.log",
        given=SETTINGS.format(port=port, password=password, folder=folders.redis),
    )
    return started, f"redis://:{password}@127.0.0.1:{port}/0"


async def _listening(port: int) -> None:
    async with asyncio.timeout(START_S):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(LOOK_S)
