"""Finding local servers and models over a real wire, and making gears of them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from orchestrator import runtime
from orchestrator.models import Gear, Provider
from orchestrator.providers.vocabulary import DiscoveredModel
from orchestrator.services.database import in_thread
from orchestrator.services.setup import discovery, fleet, seeds
from orchestrator.services.setup.discovery import GearRefused, NewGear
from tests.providers.recorded import Reply, Request, serve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def closed_clients() -> AsyncIterator[None]:
    yield
    await runtime.close()


ANSWERS: dict[str, Any] = {
    "/api/version": {"version": "0.14.0"},
    "/api/tags": {
        "models": [
            {"model": "qwen3:4b", "details": {"parameter_size": "4.0B"}},
            {"model": "big:70b", "details": {"parameter_size": "70B"}},
        ]
    },
    "/api/show": {"capabilities": ["tools"], "model_info": {"qwen3.context_length": 40960}},
}


def ollama(request: Request) -> Reply:
    return Reply(json.dumps(ANSWERS[request.path]).encode())


def point_at(url: str) -> None:
    seeds.ensure_defaults()
    Provider.objects.filter(is_local=True).exclude(name="ollama").update(is_enabled=False)
    Provider.objects.filter(name="ollama").update(base_url=url)


async def test_a_local_server_is_found_and_its_models_can_be_used() -> None:
    async with serve(ollama) as wire:
        await in_thread(point_at, wire.url)
        assert await discovery.probe_local() == ["ollama"]
        reasons = await in_thread(fleet.availability)
        assert "ollama" not in reasons
        assert "ollama-qwen" not in reasons
        assert "ollama-mistral" in reasons


async def test_a_server_that_is_gone_takes_its_gears_along() -> None:
    async with serve(ollama) as wire:
        await in_thread(point_at, wire.url)
    assert await discovery.probe_local() == []
    assert "ollama" in await in_thread(fleet.availability)


def half_an_ollama(request: Request) -> Reply:
    if request.path == "/api/version":
        return ollama(request)
    return Reply(b'{"error": "out of memory"}', status=500)


async def test_a_server_that_cannot_name_its_models_is_remembered_with_the_reason() -> None:
    async with serve(half_an_ollama) as wire:
        await in_thread(point_at, wire.url)
        assert await discovery.probe_local() == []
    provider = await in_thread(Provider.objects.get, name="ollama")
    assert provider.reach == Provider.Reach.DOWN
    assert "out of memory" in provider.reach_note


async def test_models_are_listed_with_a_level_by_their_size() -> None:
    async with serve(ollama) as wire:
        await in_thread(point_at, wire.url)
        found = await discovery.discover("ollama")
    listed = {s.model.model_id: (s.level, s.gear, s.model.context_window) for s in found}
    assert listed == {"big:70b": (4, "", 40960), "qwen3:4b": (2, "ollama-qwen", 40960)}


@pytest.mark.parametrize(
    ("size_b", "level"), [(1.7, 1), (4, 2), (8, 3), (70, 4), (405, 5), (None, 3)]
)
def test_levels_by_size(size_b: float | None, level: int) -> None:
    assert discovery.level_of(DiscoveredModel("m", size_b=size_b)) == level


def add(**changes: Any) -> Gear:
    seeds.ensure_defaults()
    fields = {"name": "mine", "provider": "anthropic", "model_id": "claude-haiku-4-5", "level": 1}
    return discovery.add_gear(NewGear(**{**fields, **changes}))


def test_a_known_model_gets_its_price_from_the_catalogue() -> None:
    assert add().price_source == "catalogue"


def test_an_unknown_model_has_an_unknown_price_and_a_local_one_none_to_pay() -> None:
    assert add(model_id="nobody-knows-it").prices is None
    assert add(name="local", provider="ollama", model_id="x").price_source == "free"


@pytest.mark.parametrize(
    "changes", [{"provider": "nobody"}, {"name": "demo-1"}, {"capabilities": ("juggling",)}]
)
def test_what_cannot_be_a_gear_is_refused(changes: dict[str, Any]) -> None:
    seeds.ensure_defaults()
    with pytest.raises(GearRefused):
        add(**changes)
