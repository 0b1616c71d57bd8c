"""The page about the API: its commands and programs run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.served import CLUTCH, ServedHome
from tests.test_docs import commands

pytestmark = pytest.mark.process
PAGE = "docs/api.md"
PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)
TEXT = (Path(__file__).resolve().parents[2] / PAGE).read_text()
PROGRAMS = PROGRAM.findall(TEXT)


def at_port(text: str, home: ServedHome) -> str:
    return text.replace("127.0.0.1:8760", f"127.0.0.1:{home.port}")


def run(home: ServedHome, *words: str, **more: str) -> str:
    environment = {**home.environment, **more, "NO_PROXY": "127.0.0.1"}
    environment["PATH"] = f"{CLUTCH.parent}:{environment['PATH']}"
    done = subprocess.run(
        words,
        env=environment,
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_commands_get_answers(served: ServedHome) -> None:
    found = commands(PAGE)
    script = at_port("\n".join(found), served).replace("curl ", "curl --fail-with-body ")
    told = run(served, "bash", "-euo", "pipefail", "-c", script)
    assert len(found) == 5
    for part in ('"object": "list"', "chat.completion", "message_stop", "clutch.quote"):
        assert part in told


@pytest.mark.parametrize("program", PROGRAMS, ids=["openai", "anthropic", "run"])
def test_its_programs_get_answers(served: ServedHome, program: str) -> None:
    made = served.clutch_json("tokens", "create", "--name", "page")
    told = run(served, sys.executable, "-c", at_port(program, served), CLUTCH_TOKEN=made["token"])
    assert "canned demo answer" in told
