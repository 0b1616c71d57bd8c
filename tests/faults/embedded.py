"""An installation in one process, which serves, drives and keeps its database in a file."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.faults import swarms
from tests.faults.vendor import Vendor
from tests.installations import Template
from tests.process.served import CLUTCH, ServedHome

SABOTAGED = str(Path(__file__).with_name("sabotaged.py"))


@dataclass
class Embedded:
    """Whoever kills or ends the driver, ends the server with it."""

    home: ServedHome
    page: httpx.Client

    def start_driver(self) -> None:
        if not self.home.is_running:
            self.home.start()

    def kill_driver(self) -> None:
        self.home.kill()

    def replace_driver(self, fault: str) -> None:
        """By one with this fault, which ends as soon as it is to drive."""
        self.home.stop()
        self.home.program = (sys.executable, SABOTAGED, fault)
        self.home.start()

    def wait_for_death(self) -> None:
        assert self.home.wait() == -signal.SIGKILL
        self.home.program = (str(CLUTCH),)

    def tell_driver_to_end(self) -> None:
        self.home.end()

    def wait_for_driver(self) -> None:
        self.home.wait()


@contextmanager
def serving_with(home: ServedHome, fault: str) -> Iterator[None]:
    """Its server is started again with this fault, and after that without it."""
    home.stop()
    home.program = (sys.executable, SABOTAGED, fault)
    try:
        home.start()
        yield
    finally:
        home.program = (str(CLUTCH),)
        home.stop()
        home.start()


@contextmanager
def served(folder: Path, template: Template, vendor: Vendor, lease_s: int) -> Iterator[Embedded]:
    template.copy(folder / ".clutch")
    home = ServedHome(folder, {"CLUTCH_LEASE_S": str(lease_s)})
    try:
        home.start()
        swarms.connect(home, vendor)
        with swarms.reader(home) as page:
            yield Embedded(home, page)
    finally:
        home.stop()
