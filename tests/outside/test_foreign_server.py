"""A server of OpenAI's format that nobody here wrote, from the package index, as a provider.

Outside the default run: pytest -m outside
"""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.served import ServedHome
from tests.servers import free_port

pytestmark = [pytest.mark.outside, pytest.mark.process]
PACKAGE = "mockllm==0.0.8"
RESPONSES = """
responses:
  "nothing": "nothing"
defaults:
  unknown_response: "The foreign server answers."
settings:
  lag_enabled: false
"""
FLEET = """
[[providers]]
name = "foreign"
kind = "openai"
base_url = "http://127.0.0.1:{port}/v1"

[[gears]]
name = "foreign-model"
provider = "foreign"
model_id = "gpt-4"
level = 3
price_source = "manual"

[gears.prices]
version = "manual 2026-11-20"
above = []

[gears.prices.base]
input = 1_000_000_000
output = 2_000_000_000
cached_input = 1_000_000_000
cache_write = 1_000_000_000
"""


@pytest.fixture
def foreign_port(tmp_path: Path) -> Iterator[int]:
    venv.create(tmp_path / "foreign", with_pip=False)
    python = tmp_path / "foreign" / "bin" / "python"
    uv = Path(sys.executable).parent / "uv"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, PACKAGE], check=True)
    responses = tmp_path / "responses.yml"
    responses.write_text(RESPONSES)
    port = free_port()
    with subprocess.Popen(
        [python.parent / "mockllm", "start", "--responses", responses, "--port", str(port)],
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        for line in server.stdout or ():
            if "startup complete" in line:
                break
        yield port
        server.terminate()


def test_its_answer_is_streamed_counted_and_paid(tmp_path: Path, foreign_port: int) -> None:
    home = ServedHome(tmp_path)
    file = tmp_path / "fleet.toml"
    file.write_text(FLEET.format(port=foreign_port))
    assert home.clutch("config", "import", "--yes", str(file)).returncode == 0
    words = ("Explain recursion", "--gear", "foreign-model")
    document = home.clutch_json("run", *words)
    assert document["answer"].strip() == "The foreign server answers."
    assert document["state"] == "done"
    assert document["currency"] == "usd"
    assert document["cost_nano"] > 0
    # It tells no usage in its streams, so the tokens are ours and are marked as such.
    assert document["legs"][0]["is_usage_estimated"]
    assert home.clutch_json("doctor", "--invariants")["breaches"] == []


def test_without_a_pin_the_first_real_gear_takes_over_from_the_demo(
    tmp_path: Path, foreign_port: int
) -> None:
    home = ServedHome(tmp_path)
    file = tmp_path / "fleet.toml"
    file.write_text(FLEET.format(port=foreign_port))
    home.clutch("config", "import", "--yes", str(file))
    assert home.clutch_json("route", "Explain recursion")["gear"] == "foreign-model"
