"""How many calls per second the ledger can hold and settle: `python -m benchmarks.ledger`.

Against a temporary home on SQLite, or the database of DATABASE_URL, which must be empty.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 3.0
BATCH = 100
MODES = ("single", "batch")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clutch-benchmark-") as home:
        environment = {
            **os.environ,
            "CLUTCH_HOME": home,
            "DJANGO_SETTINGS_MODULE": "clutchweb.settings",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(migrate, env=environment, cwd=ROOT, check=True)
        for mode in MODES:
            for processes in (1, 8):
                rate = measure(environment, mode, processes)
                print(f"{mode:6} {processes} processes: {rate:6.0f} reserve+settle cycles/s")


def measure(environment: dict[str, str], mode: str, processes: int) -> float:
    """All begin when every process is ready; each then counts for the same time."""
    command = [sys.executable, "-m", "benchmarks.ledger", mode]
    workers = [
        subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    pipes = [(worker.stdin, worker.stdout) for worker in workers]
    for _, output in pipes:
        output and output.readline()
    for begin, _ in pipes:
        begin and print("begin", file=begin, flush=True)
    return sum(float(worker.communicate()[0]) for worker in workers)


def work(mode: str) -> None:
    """One process: a driver with daily and monthly budgets of its own and the installation's."""
    import django

    django.setup()
    from benchmarks import cycles

    cycle = cycles.prepare(mode, BATCH)
    print("ready", flush=True)
    sys.stdin.readline()
    print(rate_over(SECONDS, cycle))


def rate_over(seconds: float, cycle: Callable[[], int]) -> float:
    """Cycles per second until the time or the prepared legs are used up."""
    begin, done, count = time.perf_counter(), 0, 1
    while count and time.perf_counter() < begin + seconds:
        count = cycle()
        done += count
    return done / (time.perf_counter() - begin)


if __name__ == "__main__":
    work(sys.argv[1]) if sys.argv[1:] else main()
