"""An installation of several processes on PostgreSQL and Redis, each of which can be broken."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests import servers
from tests.faults import rows, swarms
from tests.faults.embedded import SABOTAGED
from tests.faults.vendor import Vendor
from tests.process.served import CLUTCH, ROOT, ServedHome

END_S = 40
# A worker of Celery's own kind, whose processes are copies of the first.
CELERY = ("celery", "-A", "clutchweb.celery:app", "worker", "--queues", "chat,runs")
FORKING = ("-m", *CELERY)
DRIVER = "SELECT lease_owner FROM orchestrator_trip WHERE id = {run}"


@dataclass
class Worker:
    """A Celery worker whose processes form a group of their own."""

    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(END_S)

    def terminate(self) -> int:
        self.process.terminate()
        return self.process.wait(END_S)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None


@dataclass
class Scaled:
    """One web process, as many workers as a test wants, and the servers between them."""

    home: ServedHome
    page: httpx.Client
    postgres: servers.Postgres
    redis: servers.Redis
    workers: list[Worker] = field(default_factory=list)

    def start_worker(self, command: Sequence[str] = (str(CLUTCH), "worker")) -> Worker:
        with (self.home.folder / "workers.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env={**self.home.environment, "DJANGO_SETTINGS_MODULE": "clutchweb.settings"},
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        worker = Worker(process)
        self.workers.append(worker)
        return worker

    def start_page(self) -> None:
        if not self.home.is_running:
            self.home.start()

    def start_driver(self) -> None:
        """One that is left from the test before is as good as a new one."""
        self.start_page()
        if not any(worker.is_running for worker in self.workers):
            self.start_worker()

    def kill_driver(self) -> None:
        self.workers.pop().kill()

    def replace_driver(self, fault: str) -> None:
        """By one with this fault, which ends as soon as it is to drive."""
        self.kill_workers()
        self.start_worker((sys.executable, SABOTAGED, fault, "worker"))

    def wait_for_death(self) -> None:
        assert self.workers.pop().process.wait(END_S) == -signal.SIGKILL

    def tell_driver_to_end(self) -> None:
        self.workers[-1].process.terminate()

    def wait_for_driver(self) -> None:
        assert self.workers.pop().process.wait(END_S) == 0

    def kill_workers(self) -> None:
        for worker in self.workers:
            if worker.is_running:
                worker.kill()
        self.workers.clear()

    def driving_process(self) -> int:
        """The process that drives the newest trip."""
        owner = str(rows.one(self.home, DRIVER))
        return int(owner.split(":")[2])


@contextmanager
def served(folder: Path, vendor: Vendor, lease_s: int) -> Iterator[Scaled]:
    # what was committed must still be there after a crash
    durable = {"synchronous_commit": "on"}
    with servers.postgres_server(**durable) as postgres, servers.redis_server() as redis:
        extra = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "CLUTCH_LEASE_S": str(lease_s),
        }
        home = ServedHome(folder, extra)
        try:
            home.start()
            swarms.connect(home, vendor)
            with swarms.reader(home) as page:
                made = Scaled(home, page, postgres, redis)
                yield made
                made.kill_workers()
        finally:
            home.stop()
