"""Every command in the README and the documentation runs as it stands there."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.process.served import CLUTCH, ServedHome

pytestmark = pytest.mark.process
ROOT = Path(__file__).resolve().parents[1]
# The page about the command line is tried in `tests/cli/test_docs.py`.
PAGES = ["README.md", "docs/runs.md"]
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
# Tested by `test_first_run`, and by what runs these tests.
ELSEWHERE = {"make run", "make test"}


def commands(page: str) -> list[str]:
    blocks = CONSOLE.findall((ROOT / page).read_text())
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_their_order(page: str, tmp_path: Path) -> None:
    home = ServedHome(tmp_path)
    environment = home.environment
    environment["PATH"] = f"{CLUTCH.parent}:{environment['PATH']}"
    found = [command for command in commands(page) if command not in ELSEWHERE]
    assert found
    for command in found:
        done = subprocess.run(
            command,
            shell=True,
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


LINKS = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    file = ROOT / page
    targets = [target for target in LINKS.findall(file.read_text()) if "://" not in target]
    missing = [target for target in targets if not (file.parent / target).exists()]
    assert missing == []
