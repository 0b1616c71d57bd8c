"""Leases name the process that holds them, so that its end can be noticed."""

import socket
import subprocess
import sys

import pytest

from orchestrator.services.driving import leases


def ended_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def test_a_process_that_has_ended_is_gone() -> None:
    owner = leases.new_owner("cli").split(":")
    assert leases.is_gone(":".join([*owner[:2], str(ended_pid()), owner[3]]))


@pytest.mark.parametrize(
    "owner",
    [
        leases.new_owner("cli"),
        f"cli:{socket.gethostname()[:20]}:1:0000",
        f"cli:another-machine:{ended_pid()}:0000",
        f"cli:{socket.gethostname()[:20]}:x:0000",
        f"cli:{socket.gethostname()[:20]}",
        "worker:dead",
        "sweeper",
        "",
    ],
    ids=["alive", "first", "elsewhere", "no number", "short", "worker", "sweeper", "empty"],
)
def test_of_all_others_nobody_knows(owner: str) -> None:
    assert not leases.is_gone(owner)


def test_no_two_drives_of_a_process_pass_for_each_other() -> None:
    one, other = leases.new_owner(leases.WORKER), leases.new_owner(leases.WORKER)
    assert one != other
    assert one.split(":")[:3] == other.split(":")[:3]
