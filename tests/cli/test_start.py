"""A command starts fast because it loads only what it needs."""

import pytest

from tests.installations import Installation

pytestmark = pytest.mark.process
HEAVY = (
    "anthropic",
    "google.genai",
    "celery",
    "channels",
    "uvicorn",
    "httpx",
    "aiohttp",
    "psycopg",
    "rich",
    "prompt_toolkit",
)
CODE = """
import sys
from orchestrator.cli.main import command
sys.argv = ["clutch", *{words!r}]
try:
    command()
finally:
    print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("words", [("route", "Explain recursion", "--json"), ("version",)])
def test_nothing_heavy_is_loaded(sqlite_installation: Installation, words: tuple[str]) -> None:
    process = sqlite_installation.start("-c", CODE.format(words=words, heavy=HEAVY))
    out, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert out
    assert told.strip().splitlines()[-1] == "[]"


def test_the_command_ends_at_once_with_its_status(sqlite_installation: Installation) -> None:
    code = "import sys; sys.argv = ['clutch', 'gears', 'show', 'nobody']\n"
    code += "import atexit; atexit.register(print, 'torn down')\n"
    code += "from orchestrator.cli.main import main; main()"
    process = sqlite_installation.start("-c", code)
    out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "nobody" in told
