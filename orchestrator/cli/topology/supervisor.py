"""Keeps programs running: what ends by itself is started again, with longer and longer pauses."""

import asyncio
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from orchestrator.cli.topology.programs import Program

Tell = Callable[[str], None]
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
# Whoever lived so long has not died of its start.
SETTLED_S = 60.0
READY_S = 120.0


class NotStarted(Exception):
    """A program ended before it could be used; the message says where its log is."""


class Keeper:
    def __init__(self, program: Program, tell: Tell) -> None:
        self.program = program
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said_ready = asyncio.Event()
        self._pause_s = FIRST_PAUSE_S

    async def start(self) -> None:
        """Returns when the program can be used."""
        process = await self._launch()
        ended = asyncio.create_task(process.wait())
        ready = asyncio.create_task(self._ready())
        try:
            done, _ = await asyncio.wait(
                {ended, ready}, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ended.cancel()
        if ready not in done:
            ready.cancel()
            raise NotStarted(f"{self.program.name} did not start. See: {self.program.log}")
        ready.result()
        self._keeping = asyncio.create_task(self._keep())

    async def _ready(self) -> None:
        if self.program.ready is not None:
            await self.program.ready()
        if self.program.says_ready:
            await self._said_ready.wait()

    async def _keep(self) -> None:
        while True:
            began_s = time.monotonic()
            status = await self._running.wait()
            has_settled = time.monotonic() - began_s > SETTLED_S
            pause_s = FIRST_PAUSE_S if has_settled else self._pause_s
            self._pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            name = self.program.name
            self._tell(f"{name} {_end_of(status)}; it is started again in {pause_s:g} s.")
            await asyncio.sleep(pause_s)
            await self._launch()

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self.program.name} was never started")
        return self._process

    async def _launch(self) -> asyncio.subprocess.Process:
        if self._reading is not None:
            self._reading.cancel()
        with _opened(self.program) as log:
            self._process = await _started(self.program, log)
        if self._process.stdin is not None:
            self._process.stdin.write(self.program.given.encode())
            self._process.stdin.close()
        self._reading = asyncio.create_task(self._read(self._process))
        return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is not None:
            async for line in process.stdout:
                if self.program.says_ready in line.decode(errors="replace"):
                    self._said_ready.set()

    async def stop(self, grace_s: float) -> None:
        """Asked, and after a while made to."""
        if self._keeping is not None:
            self._keeping.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(self.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), grace_s)
        except TimeoutError:
            self._tell(f"{self.program.name} did not end in {grace_s:g} s and was killed.")
            self.kill()
            await process.wait()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._running.kill()


async def _started(program: Program, log: IO[bytes]) -> asyncio.subprocess.Process:
    """In a session of its own: Ctrl-C reaches this process alone, which ends them in order."""
    return await asyncio.create_subprocess_exec(
        *_bound_to_us(program),
        *program.command,
        env=dict(program.environment),
        cwd="/",
        stdin=subprocess.PIPE if program.given else subprocess.DEVNULL,
        stdout=subprocess.PIPE if program.says_ready else log,
        stderr=log,
        start_new_session=True,
        pass_fds=program.inherited,
        user=program.user or None,
        group=program.user or None,
        extra_groups=[] if program.user else None,
    )


def _bound_to_us(program: Program) -> tuple[str, ...]:
    """Where Linux can do it, the program ends with us, even when we are killed."""
    wrapper = shutil.which("setpriv")
    name = program.stop_signal.name.removeprefix("SIG")
    return (wrapper, "--pdeathsig", name, "--") if wrapper else ()


def _opened(program: Program) -> IO[bytes]:
    return open(program.log or "/dev/null", "ab")


def _end_of(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
