"""Eight real processes of one installation, told what to do at the same time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from subprocess import Popen
from typing import Any

from tests.installations import Installation
from tests.services import books

SIZE = 8
# Django must be set up before any model is imported.
BOOT = "import django; django.setup(); from tests.services import spender; spender.main()"
END_S = 60


class Crowd:
    def __init__(self, members: Sequence["Popen[str]"]) -> None:
        self.members = members

    def each(self, commands: Sequence[Mapping[str, Any]]) -> list[Any]:
        """One command for each process, all under way before the first answer is read."""
        for member, command in zip(self.members, commands, strict=True):
            _input(member).write(json.dumps(command) + "\n")
            _input(member).flush()
        return [read(member) for member in self.members]

    def all(self, **command: Any) -> list[Any]:
        return self.each([command] * len(self.members))

    def one(self, **command: Any) -> Any:
        _input(self.members[0]).write(json.dumps(command) + "\n")
        _input(self.members[0]).flush()
        return read(self.members[0])

    def share_out(self, legs: Sequence[str], **command: Any) -> list[Any]:
        """The same command for all, with an equal share of the legs for each."""
        return self.each([{**command, "legs": legs[place::SIZE]} for place in range(SIZE)])

    def faults(self) -> list[str]:
        return books.faults(self.one(work="rows"))


def read(member: "Popen[str]") -> Any:
    line = member.stdout.readline() if member.stdout else ""
    if not line:
        raise AssertionError(f"A process died:\n{member.communicate(timeout=END_S)[1]}")
    return json.loads(line)


def _input(member: "Popen[str]") -> Any:
    return member.stdin


@contextmanager
def gather(installation: Installation) -> Iterator[Crowd]:
    with ExitStack() as stack:
        members = []
        for _ in range(SIZE):
            member = stack.enter_context(installation.start("-c", BOOT))
            stack.callback(_end, member)
            members.append(member)
        for member in members:
            assert read(member) == "ready"
        yield Crowd(members)


def _end(member: "Popen[str]") -> None:
    """Their input ends, so they do; what hangs is killed."""
    if member.poll() is None:
        _, said = member.communicate(timeout=END_S)
        assert member.returncode == 0, said
