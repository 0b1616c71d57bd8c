"""The library: the engine from a script or notebook, without the web."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator import driver
from orchestrator.driver import answers

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
stream = driver.stream("/demo long 3000", gear="demo-1")
for event in stream:
    if event["kind"] == "text":
        break
stream.close()
from orchestrator.models import Reservation, Trip
print(Trip.objects.get().state, Reservation.objects.filter(state="held").count())
"""
    assert run(code, tmp_path).stdout.strip() == "stopped 0"


def test_loops_may_come_and_go(tmp_path: Path) -> None:
    code = """
import asyncio
from orchestrator import Driver
driver = Driver()

async def first_text():
    async for event in driver.astream("Hello", gear="demo-1", throttle=0):
        if event["kind"] == "text":
            return event["text"]

print([asyncio.run(driver.adrive("Hello", gear=gear)).gear for gear in ("demo-1", "demo-2")])
print(bool(asyncio.run(first_text())))
"""
    done = run(code, tmp_path)
    assert done.stdout.splitlines() == ["['demo-1', 'demo-2']", "True"], done.stderr
    assert done.stderr == ""


def test_the_gear_of_an_answer_is_the_one_that_answered() -> None:
    last = {"text": "Yes.", "cost_nano": 1_500, "currency": "usd", "usage": {}, "seconds": 1.0}
    events = [
        {"kind": "routed", "receipt": {"gear": "planned"}},
        {"kind": "leg_finished", "state": "failed", "gear": "planned"},
        {"kind": "leg_finished", "state": "done", "gear": "fallback"},
        {"kind": "trip_finished", "state": "done", "trip": "1", **last},
    ]
    answer = answers.answer_of(events)
    assert (answer.receipt["gear"], answer.gear) == ("planned", "fallback")
    assert answer.cost_usd == Decimal("0.0000015")


def test_a_drive_that_ended_badly_says_why() -> None:
    ending = {"state": "failed", "error_code": "auth", "error": "No.", "next_step": "Look."}
    with pytest.raises(driver.DriveFailed, match="No") as failed:
        answers.answer_of([{"kind": "trip_finished", **ending}])
    assert (failed.value.code, failed.value.next_step) == ("auth", "Look.")


def test_wrong_use_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    code = """
from orchestrator import Driver
driver = Driver()
for call in (
    lambda: driver.drive("Hello", gaer="demo-1"),
    lambda: driver.drive("   "),
    lambda: driver.drive("Hello", pattern="zigzag"),
    lambda: Driver(home="elsewhere"),
):
    try:
        call()
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
from orchestrator.models import Trip
print(Trip.objects.count())
"""
    lines = run(code, tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "TypeError",
        "RequestRefused",
        "ValueError",
        "ValueError",
        "0",
    ]


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
