"""Real keys and no way to their providers: the clutch goes along the plan, then says so."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from orchestrator import runtime
from orchestrator.models import BudgetPeriod, Gear, Leg, Provider
from orchestrator.patterns.events import Event, GearShifted, TripFinished
from orchestrator.routing.clutch import RetryBudget
from orchestrator.routing.types import Overrides
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, retries, trips
from orchestrator.services.driving.requests import from_text
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import credentials
from orchestrator.services.upkeep import invariants
from tests.providers.recorded import recorded, serve
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = {"ANTHROPIC_API_KEY": "sk-ant-0123456789", "MOONSHOT_API_KEY": "sk-0123456789"}
NOWHERE = "http://nowhere.invalid/v1"


@pytest.fixture(autouse=True)
async def keys(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    settings.CLUTCH_HOME = tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    for preset in credentials.presets().values():
        for name in (preset.name, *preset.aliases):
            monkeypatch.delenv(name, raising=False)
    for name, secret in KEYS.items():
        monkeypatch.setenv(name, secret)
    # Without second tries there is nothing to wait for.
    monkeypatch.setattr(retries, "_budget", RetryBudget(tokens=0.0, earns=0.0))
    yield
    await runtime.close()


@pytest.fixture
def without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's resolver knows no names outside, and asks nobody for them."""
    original = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **options: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return original(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def point_at(**addresses: str) -> None:
    for name, address in addresses.items():
        Provider.objects.filter(name=name).update(base_url=address)
        credentials.trust(Provider.objects.get(name=name))


def refused() -> str:
    return f"http://127.0.0.1:{free_port()}"


def begun(caller: Caller, gear: str = "") -> UUID:
    return trips.start(caller, from_text("hello", overrides=Overrides(gear=gear))).pk


async def driven(trip_id: UUID) -> tuple[list[Event], TripFinished]:
    events = [event async for event in drive.drive(trip_id, "test:here")]
    assert isinstance(events[-1], TripFinished)
    return events, events[-1]


def booked() -> int:
    """Held and spent, in the budgets of real money."""
    periods = BudgetPeriod.objects.filter(budget__currency="usd")
    return sum(sum(pair) for pair in periods.values_list("reserved_nano", "spent_nano"))


async def test_all_that_was_tried_is_named_and_nothing_is_booked(
    caller: Caller, without_names: None
) -> None:
    await in_thread(point_at, anthropic=refused(), kimi=NOWHERE)
    trip_id = await in_thread(begun, caller)
    events, last = await driven(trip_id)
    legs = await in_thread(lambda: list(Leg.objects.order_by("attempt").values_list("gear")))
    tried = [gear for (gear,) in legs]
    assert len(tried) == 2  # one of each provider: the others of it would fare no better
    assert (last.state, last.error_code, last.cost_nano) == ("failed", "unreachable", 0)
    assert last.error.startswith("No model could answer.")
    assert all(f"{gear} was tried once: " in last.error for gear in tried)
    assert "kimi could not be reached" in last.error
    assert "anthropic could not be reached" in last.error
    assert "Nothing was spent" in last.next_step
    assert len([event for event in events if isinstance(event, GearShifted)]) == 1
    assert await in_thread(booked) == 0
    assert await in_thread(invariants.breaches) == []


@pytest.mark.parametrize("address", [refused(), NOWHERE], ids=["refused", "unknown"])
async def test_a_single_gear_is_told_by_its_provider(
    caller: Caller, without_names: None, address: str
) -> None:
    await in_thread(point_at, kimi=address)
    gear = await in_thread(Gear.objects.filter(provider__name="kimi").first)
    assert gear is not None
    _, last = await driven(await in_thread(begun, caller, gear.name))
    assert last.error.startswith("kimi could not be reached.")
    assert "No model" not in last.error
    assert await in_thread(booked) == 0


async def test_a_provider_that_can_be_reached_takes_over(caller: Caller) -> None:
    async with serve(recorded("anthropic/plain_text.sse")) as wire:
        await in_thread(point_at, kimi=refused(), anthropic=wire.url)
        _, last = await driven(await in_thread(begun, caller))
    legs = await in_thread(
        lambda: list(Leg.objects.order_by("attempt").values_list("provider", "state"))
    )
    assert legs == [("kimi", "failed"), ("anthropic", "done")]
    costs = await in_thread(lambda: dict(Leg.objects.values_list("provider", "cost_nano")))
    assert last.state == "done"
    assert (costs["kimi"], costs["anthropic"]) == (0, last.cost_nano)
    assert await in_thread(booked) == 2 * last.cost_nano  # by day and by month


async def test_a_local_model_is_told_how_large_its_window_must_be(caller: Caller) -> None:
    async with serve(recorded("ollama/text.ndjson")) as wire:
        await in_thread(point_at, ollama=wire.url)
        await in_thread(Gear.objects.filter(name="ollama-qwen").update, verified_at=timezone.now())
        await in_thread(Provider.objects.filter(name="ollama").update, reach="ok")
        _, last = await driven(await in_thread(begun, caller, "ollama-qwen"))
    assert last.state == "done"
    options = wire.requests[-1].json["options"]
    assert options["num_predict"] < options["num_ctx"] <= 32_000
