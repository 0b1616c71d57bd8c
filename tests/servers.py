"""A private PostgreSQL and a private Redis for tests: loopback only, nothing kept."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

START_S = 60
POSTGRES_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class ServerMissing(RuntimeError):
    """A server that the tests need is not installed on this machine."""


def find(name: str, folders: Iterator[Path] | tuple[Path, ...] = ()) -> Path:
    """The newest of the given folders that has the program, else PATH."""
    for folder in sorted(folders, reverse=True):
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise ServerMissing(
            f"{name} is not installed, and these tests need a real server. "
            "Install it: apt-get install postgresql redis-server"
        )
    return Path(found)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server, for tests in which it goes away and comes back."""

    url: str
    control: tuple[str, ...]
    options: tuple[str, ...]

    def stop(self) -> None:
        _run(*self.control, "-m", "fast", "stop")

    def crash(self) -> None:
        """Every connection is cut at once; what was committed is there again after the start."""
        _run(*self.control, "-m", "immediate", "stop")

    def start(self) -> None:
        _run(*self.control, *self.options, "start")


@contextmanager
def postgres() -> Iterator[str]:
    """Yields the URL of an empty database `clutch` whose owner may make further ones."""
    with postgres_server() as server:
        yield server.url


@contextmanager
def postgres_server(**changed: str) -> Iterator[Postgres]:
    """Whoever stops it starts it again. Options can be changed for one that crashes."""
    binaries = find("initdb", tuple(Path("/usr/lib/postgresql").glob("*/bin"))).parent
    user = "postgres" if os.geteuid() == 0 else ""
    home = Path(tempfile.mkdtemp(prefix="clutch-postgres-"))
    if user:
        shutil.chown(home, user)
    port = free_port()
    options = {
        **POSTGRES_OPTIONS,
        **changed,
        "port": str(port),
        "unix_socket_directories": str(home),
    }
    control = (*_as_user(user), str(binaries / "pg_ctl"), "-D", str(home / "data"), "-w")
    create = (*_as_user(user), str(binaries / "createdb"), "-h", str(home), "-p", str(port))
    try:
        _run(
            *_as_user(user),
            *(str(binaries / "initdb"), "-D", str(home / "data"), "-U", "clutch"),
            *("-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
        )
        settings = " ".join(f"-c {name}={value}" for name, value in options.items())
        starting = ("-l", str(home / "log"), "-t", str(START_S), "-o", settings)
        server = Postgres(f"postgres://clutch@127.0.0.1:{port}/clutch", control, starting)
        server.start()
        try:
            _run(*create, "-U", "clutch", "clutch")
            yield server
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@dataclass(slots=True)
class Redis:
    """A server for tests in which it ends, comes back empty, or hears nothing for a while."""

    url: str
    command: tuple[str, ...]
    process: "subprocess.Popen[str]"

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=START_S)

    def start(self) -> None:
        """Empty, since nothing was written down; nothing happens when it runs."""
        if self.process.poll() is not None:
            self.process = _started(self.command)

    def stall(self) -> None:
        """Connections stay open, and nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    @contextmanager
    def stalled(self) -> Iterator[None]:
        self.stall()
        try:
            yield
        finally:
            self.go_on()


@contextmanager
def redis() -> Iterator[str]:
    """Yields the URL of a Redis that writes nothing to disk."""
    with redis_server() as server:
        yield server.url


@contextmanager
def redis_server() -> Iterator[Redis]:
    program = find("redis-server")
    home = tempfile.mkdtemp(prefix="clutch-redis-")
    port = free_port()
    place = (str(program), "--bind", "127.0.0.1", "--port", str(port), "--dir", home)
    command = (*place, "--save", "", "--appendonly", "no")
    server = Redis(f"redis://127.0.0.1:{port}/0", command, _started(command))
    try:
        yield server
    finally:
        server.go_on()
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _started(command: tuple[str, ...]) -> "subprocess.Popen[str]":
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _wait_until_ready(server)
    except RuntimeError:
        server.kill()
        server.communicate()
        raise
    return server


def _wait_until_ready(server: "subprocess.Popen[str]") -> None:
    """Redis says on its output when it takes connections; its output ends when it fails."""
    seen = []
    for line in server.stdout or ():
        if "Ready to accept connections" in line:
            return
        seen.append(line)
    raise RuntimeError("Redis did not start:\n" + "".join(seen))


def _as_user(user: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", user, "--"] if user else []


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        text=True,
        timeout=START_S + 30,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}:\n{done.stdout}")
