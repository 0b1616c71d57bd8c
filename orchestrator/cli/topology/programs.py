"""One program of the topology: how it is started, stopped, and seen to be ready."""

import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clutchweb import env


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    # Returns when the started program can be used.
    ready: Callable[[], Awaitable[None]] | None = None
    # Words on its standard output that say the same.
    says_ready: str = ""
    log: Path | None = None
    inherited: tuple[int, ...] = ()
    user: str = ""
    # Given to it as standard input, where other users of the computer cannot see it.
    given: str = ""
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(frozen=True, slots=True)
class Shape:
    """How many of each, and what they all need to know."""

    host: str
    port: int
    webs: int
    workers: int
    addresses: Mapping[str, str]
    logs: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {**env.everything(), **self.addresses}
        kept |= {"HOST": self.host, "PORT": str(self.port), "CLUTCH_BARE": "0"}
        if kept.get("CLUTCH_LOG_LEVEL") == "error":
            del kept["CLUTCH_LOG_LEVEL"]  # set for this command, not for servers
        return kept


def clutch(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "orchestrator.cli.main", *words)


def web(shape: Shape, number: int, descriptor: int) -> Program:
    """All of them take connections from the same socket."""
    return Program(
        f"web {number}",
        (sys.executable, "-m", "orchestrator.cli.topology.web", str(descriptor)),
        shape.environment,
        says_ready="ready",
        log=shape.logs / f"web-{number}.log",
        inherited=(descriptor,),
    )


def worker(shape: Shape, number: int) -> Program:
    return Program(
        f"worker {number}",
        clutch("worker", "--grace", "5"),
        shape.environment,
        says_ready="takes trips",
        log=shape.logs / f"worker-{number}.log",
    )


def sweeper(shape: Shape) -> Program:
    return Program(
        "sweeper",
        clutch("sweeper"),
        shape.environment,
        says_ready="looks every",
        log=shape.logs / "sweeper.log",
    )


def served(shape: Shape, descriptor: int) -> list[Program]:
    return [
        *(web(shape, number + 1, descriptor) for number in range(shape.webs)),
        *(worker(shape, number + 1) for number in range(shape.workers)),
        sweeper(shape),
    ]
