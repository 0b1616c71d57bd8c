"""`make bench`: what the product promises about speed, measured on this machine.

Timings of a shared machine mean little by themselves; compare two runs of one session.
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import chat, ledger, runs, search
from orchestrator.routing import computer
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import Conditions, Task
from tests.routing.fleets import FLEET

CLUTCH = Path(sys.executable).parent / "clutch"
WORDS = "please look at this function and explain the bug in it carefully "


def main() -> None:
    decision()
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": "/usr/bin:/bin", "HOME": home, "CLUTCH_HOME": f"{home}/clutch"}
        command_line(environment)
    ledger.main()
    search.main()
    chat.main()
    runs.main()


def decision() -> None:
    """Each text is another, so that nothing is remembered from the one before."""
    spent_s = []
    for number in range(1_000):
        task = Task(f"{number} " + WORDS * 42)
        spent_s.append(_timed(lambda task=task: _plan(task)))
    spent_s.sort()
    print(
        f"decision, 500 words, {len(FLEET.gears)} gears: "
        f"p50 {spent_s[500] * 1e3:.2f} ms, p99 {spent_s[990] * 1e3:.2f} ms"
    )


def _plan(task: Task) -> None:
    computer.plan(task, FLEET, Conditions(), PRESETS["balanced"], random.Random(1))


def command_line(environment: dict[str, str]) -> None:
    _run(environment, "version")
    floor_s = _median(lambda: subprocess.run([sys.executable, "-c", "import django.db.models"]))
    route_s = _median(lambda: _run(environment, "route", "Explain recursion", "--json"))
    print(
        f"clutch route, cold: {route_s * 1e3:.0f} ms "
        f"({route_s / floor_s:.1f} × importing Django's models)"
    )


def _run(environment: dict[str, str], *words: str) -> None:
    command = [str(CLUTCH), *words]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _ in range(7))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
