"""The `clutch` command run inside the test, with a demo that answers at once."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from orchestrator.cli.main import command
from orchestrator.models import Provider
from orchestrator.services.setup import fleet
from orchestrator.services.upkeep import startup


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


Clutch = Callable[..., Done]


@pytest.fixture
def clutch(
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Clutch:
    for name in ("CLUTCH_BARE", "CLUTCH_LOG_LEVEL"):  # the command sets them for its own process
        monkeypatch.setenv(name, "")
    fleet._load.cache_clear()
    startup.prepare()
    Provider.objects.filter(kind="demo").update(options={"speed": "0"})

    def run(*words: Any) -> Done:
        monkeypatch.setattr(sys, "argv", ["clutch", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            command()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run
