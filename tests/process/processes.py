"""The processes under one that a test started, as Linux tells of them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_S = 60


def children_of(pid: int) -> list[int]:
    words = [file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    return sorted(int(word) for found in words for word in found)


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before or while it was read
        return False


def named(pid: int, part: str) -> list[int]:
    """The children whose command holds this text."""
    return [child for child in children_of(pid) if part in command_of(child)]


def wait_until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MOST_S
    while not claim():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come true")


@contextmanager
def halted(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
