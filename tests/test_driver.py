"""The library: the engine from a script or notebook, without the web."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process
ROOT = Path(__file__).resolve().parents[1]
BLOCK = "```python\n"


def run(code: str, home: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "CLUTCH_HOME": str(home / "clutch")},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def examples() -> list[str]:
    text = (ROOT / "docs" / "python.md").read_text()
    return [part.split("```")[0] for part in text.split(BLOCK)[1:]]


@pytest.mark.parametrize("code", examples(), ids=lambda code: code.strip().splitlines()[-1][:40])
def test_the_examples_of_the_documentation_run(code: str, tmp_path: Path) -> None:
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr


def test_importing_it_does_not_start_django(tmp_path: Path) -> None:
    code = "import sys, orchestrator; print('django' in sys.modules)"
    assert run(code, tmp_path).stdout.strip() == "False"


def test_leaving_a_stream_early_settles_what_was_used(tmp_path: Path) -> None:
    code = """
from orchestrator import Driver
driver = Driver()
for event in driver.stream("/demo long 3000", gear="demo-1"):
    if event["kind"] == "text":
        break
import time
from orchestrator.models import Trip
for _ in range(100):
    if Trip.objects.get().state == "stopped":
        break
    time.sleep(0.1)
print(Trip.objects.get().state)
"""
    assert run(code, tmp_path).stdout.strip() == "stopped"


def test_it_works_beside_a_running_loop_as_in_a_notebook(tmp_path: Path) -> None:
    code = """
import asyncio, json
from orchestrator import Driver

async def cell():
    driver = Driver()
    return driver.route("Explain recursion")["gear"], driver.drive("Hello").text[:30]

print(json.dumps(asyncio.run(cell())))
"""
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == "demo-3"
    assert asyncio.iscoroutinefunction(__import__("orchestrator").Driver.adrive)
