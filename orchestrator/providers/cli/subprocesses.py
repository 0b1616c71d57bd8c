"""Runs one command-line tool: clean environment, private folder, own process group, hard limits."""

import asyncio
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.providers.errors import BadStream, TimedOut, Unreachable

INHERITED = frozenset({"PATH", "HOME", "USER", "LANG"})
KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    no_output_s: float = 120.0
    term_grace_s: float = 3.0
    exit_grace_s: float = 3.0
    stdout_bytes: int = 8 * MIB
    line_bytes: int = MIB
    stderr_bytes: int = 16 * KIB


@dataclass(frozen=True, slots=True)
class Command:
    """`files` are written into the private folder before the start, by path relative to it."""

    title: str
    executable: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    files: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = field(default=b"", repr=False)


def clean_environment(source: Mapping[str, str], own: Iterable[str] = ()) -> dict[str, str]:
    """The allow-list: the basics, the locale, and what the tool itself documents."""
    names = INHERITED.union(own)
    kept = {
        name: value for name, value in source.items() if name in names or name.startswith("LC_")
    }
    return kept | {"TERM": "dumb", "NO_COLOR": "1"}


def find_executable(title: str, name: str, configured: str, source: Mapping[str, str]) -> str:
    """A configured path must be absolute, so that no working folder can offer another program."""
    if configured and not Path(configured).is_absolute():
        raise Unreachable(f"The path set for {title} is not absolute. Give the full path.")
    found = shutil.which(configured or name, path=source.get("PATH", os.defpath))
    if found is None:
        raise Unreachable(
            f"{title} was not found. Install it so that `{name}` is on the PATH, "
            "or set its full path on the Gears page."
        )
    return str(Path(found).absolute())


class RunningTool:
    """The started process; `errors` fills while its lines are read."""

    def __init__(self, process: Process, command: Command, limits: Limits) -> None:
        self._process = process
        self._title = command.title
        self._limits = limits
        self._errors = bytearray()
        self._received = 0
        self._tasks = [
            asyncio.create_task(self._feed(command.stdin)),
            asyncio.create_task(self._drain_errors()),
        ]

    @property
    def errors(self) -> str:
        return self._errors.decode(errors="replace")

    async def next_line(self) -> bytes:
        """One line with its end, or nothing when the tool has closed its output."""
        line = await self._read_line()
        self._received += len(line)
        if self._received > self._limits.stdout_bytes:
            raise BadStream(f"{self._title} sent more than {self._limits.stdout_bytes} bytes.")
        return line

    async def exit_code(self) -> int | None:
        """None when the tool closed its output but does not end."""
        await self._wait(self._limits.exit_grace_s)
        return self._process.returncode

    async def stop(self) -> None:
        """TERM, a grace, KILL; the last always, because children may outlive the tool."""
        self._signal(signal.SIGTERM)
        self._tasks.append(asyncio.create_task(self._discard_output()))
        try:
            await self._wait(self._limits.term_grace_s)
        finally:
            self._signal(signal.SIGKILL)
            try:
                await self._wait(self._limits.exit_grace_s)
            finally:
                self._close_pipes()
                for task in self._tasks:
                    task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self, limit_s: float) -> None:
        # Ends only when the process is reaped and everyone holding its pipes is gone.
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._process.wait()

    def _close_pipes(self) -> None:
        # A child that left the group may hold them; asyncio has no public way to close them.
        transport = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _read_line(self) -> bytes:
        stdout = self._process.stdout
        if stdout is None:
            return b""
        try:
            async with asyncio.timeout(self._limits.no_output_s):
                return await stdout.readline()
        except TimeoutError:
            waited_s = self._limits.no_output_s
            raise TimedOut(
                f"{self._title} sent nothing for {waited_s:g} s and was ended."
            ) from None
        except ValueError:
            limit = self._limits.line_bytes
            raise BadStream(f"{self._title} sent a line of more than {limit} bytes.") from None

    async def _feed(self, stdin: bytes) -> None:
        pipe = self._process.stdin
        if pipe is None:
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            pipe.write(stdin)
            await pipe.drain()
        pipe.close()

    async def _drain_errors(self) -> None:
        pipe = self._process.stderr
        while pipe is not None and (chunk := await pipe.read(64 * KIB)):
            room = self._limits.stderr_bytes - len(self._errors)
            self._errors += chunk[:room]

    async def _discard_output(self) -> None:
        pipe = self._process.stdout
        while pipe is not None and await pipe.read(64 * KIB):
            pass


@asynccontextmanager
async def start(command: Command, limits: Limits) -> AsyncIterator[RunningTool]:
    """The process and its whole group are gone, and so is its folder, when the block ends."""
    with tempfile.TemporaryDirectory(prefix="clutch-", ignore_cleanup_errors=True) as folder:
        _write_files(Path(folder), command.files)
        tool = RunningTool(await _spawn(command, folder, limits), command, limits)
        try:
            yield tool
        finally:
            await tool.stop()


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(content, encoding="utf-8")


async def _spawn(command: Command, folder: str, limits: Limits) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            command.executable,
            *command.arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=folder,
            env={**command.environment, "PWD": folder, "TMPDIR": folder},
            start_new_session=True,
            limit=limits.line_bytes,
        )
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise Unreachable(f"{command.title} could not be started: {reason}.") from None
