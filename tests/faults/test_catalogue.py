"""Everything in the catalogue is brought about by a test, in every mode that it names."""

import json
import subprocess
import sys
from pathlib import Path

from tests.faults.catalogue import FAULTS

TESTS = Path(__file__).resolve().parents[1]
MARK = "pytest.mark.fault("


def shown() -> set[tuple[str, str]]:
    files = [str(file) for file in TESTS.rglob("test_*.py") if MARK in file.read_text()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.collected", *files],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {(name, mode) for name, mode in json.loads(done.stdout.splitlines()[-1])}


def test_every_fault_is_brought_about_in_every_mode_it_is_promised_for() -> None:
    found = shown()
    assert {name for name, _ in found} <= set(FAULTS)
    wanted = {(name, mode) for name, modes in FAULTS.items() for mode in modes}
    assert wanted - found == set()
