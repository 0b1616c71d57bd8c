"""A command on a computer without a network ends with one plain sentence and costs nothing."""

from pathlib import Path

import pytest
from pytest_django import Settings

from orchestrator.models import BudgetPeriod, Provider
from orchestrator.routing.clutch import RetryBudget
from orchestrator.services.driving import retries
from orchestrator.services.setup import credentials
from tests.cli.conftest import Clutch
from tests.servers import free_port


@pytest.fixture
def keyed(
    clutch: Clutch, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Clutch:
    """With a key for a provider whose port refuses, and no second tries to wait for."""
    settings.CLUTCH_HOME = tmp_path
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-0123456789")
    anthropic = Provider.objects.get(name="anthropic")
    anthropic.base_url = f"http://127.0.0.1:{free_port()}"
    anthropic.save()
    credentials.trust(anthropic)
    Provider.objects.exclude(name__in=("anthropic", "demo")).update(is_enabled=False)
    monkeypatch.setattr(retries, "_budget", RetryBudget(tokens=0.0, earns=0.0))
    return clutch


def test_it_says_which_provider_could_not_be_reached(keyed: Clutch) -> None:
    done = keyed("hello")
    assert (done.status, done.out) == (1, "")
    last = done.err.strip().splitlines()[-2:]
    assert last[0].startswith("anthropic could not be reached.")
    assert last[1].endswith("Nothing was spent.")
    assert "Traceback" not in done.err
    periods = BudgetPeriod.objects.values_list("reserved_nano", "spent_nano")
    assert set(periods) <= {(0, 0)}
