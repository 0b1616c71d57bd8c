"""What ships, what a person changed, and what keeps a gear from being used."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator.models import FleetVersion, Gear, Provider, Road, Rule
from orchestrator.providers.registry import ADAPTERS
from orchestrator.services.setup import fleet, options, seeds
from orchestrator.services.setup.options import UnknownOption, WrongValue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shipped() -> None:
    seeds.ensure_defaults()
    fleet._load.cache_clear()


def test_every_shipped_provider_has_an_adapter_and_every_gear_a_provider() -> None:
    assert set(Provider.objects.values_list("kind", flat=True)) == set(ADAPTERS)
    assert Gear.objects.count() == len(seeds.defaults("gears"))
    assert Road.objects.count() == 10


def test_paid_gears_have_a_price_from_the_catalogue() -> None:
    for name in ("claude-haiku", "claude-sonnet", "claude-opus", "gemini-flash", "gemini-pro"):
        gear = Gear.objects.get(name=name)
        assert gear.price_source == "catalogue", name
        assert gear.prices["base"]["input"] > 0


def test_no_price_is_ever_made_up() -> None:
    for spec in fleet.snapshot().gears:
        gear = Gear.objects.get(name=spec.name)
        if gear.price_source == "unknown":
            assert spec.prices is None
        elif spec.is_free:
            assert gear.price_source in ("free", "subscription")


def test_what_a_person_changed_or_deleted_stays_so() -> None:
    Gear.objects.filter(name="demo-5").delete()
    Road.objects.filter(name="rally").update(throttle=99)
    seeds.ensure_defaults()
    assert not Gear.objects.filter(name="demo-5").exists()
    assert Road.objects.get(name="rally").throttle == 99


def test_a_change_moves_the_version_and_the_snapshot() -> None:
    before, number = fleet.snapshot(), fleet.version()
    road = Road.objects.get(name="rally")
    road.throttle = 7
    road.save()
    assert fleet.version() == number + 1
    assert next(r for r in fleet.snapshot().roads if r.name == "rally").throttle == 7
    assert before.version == number
    assert FleetVersion.objects.count() == 1


def test_switched_off_and_retired_gears_are_not_in_the_fleet() -> None:
    gear = Gear.objects.get(name="demo-1")
    gear.is_enabled = False
    gear.save()
    Gear.objects.filter(name="demo-2").update(retired_at=timezone.now())
    FleetVersion.bump()
    names = {spec.name for spec in fleet.snapshot().gears}
    assert not {"demo-1", "demo-2"} & names


def test_a_rule_ends_on_its_date() -> None:
    now = timezone.now()
    for name, ends_at in (("past", now - timedelta(days=1)), ("future", now + timedelta(days=1))):
        Rule(name=name, when={"keywords": ["x"]}, then={"throttle": 1}, ends_at=ends_at).save()
    fleet._load.cache_clear()
    assert [rule.name for rule in fleet.snapshot().rules] == ["future"]


def test_each_missing_thing_is_named_with_the_next_step() -> None:
    reasons = fleet.availability()
    assert "clutch keys set ANTHROPIC_API_KEY" in reasons["anthropic"]
    assert "has not been seen at http://127.0.0.1:11434" in reasons["ollama"]
    assert "demo" not in reasons


def test_an_ollama_model_is_used_once_host_and_model_were_seen() -> None:
    Provider.objects.filter(name="ollama").update(reach="ok")
    assert "clutch gears pull ollama-qwen" in fleet.availability()["ollama-qwen"]
    Gear.objects.filter(name="ollama-qwen").update(verified_at=timezone.now())
    reasons = fleet.availability()
    assert "ollama" not in reasons
    assert "ollama-qwen" not in reasons


def test_options_keep_their_type_and_their_bounds() -> None:
    assert options.put("exploration_rate", "0.1") == 0.1
    assert options.put("learning", "off") is False
    assert options.get("learning") is False
    options.reset("learning")
    assert options.get("learning") is True
    for name, value in (("exploration_rate", "much"), ("learning", "maybe"), ("policy", "cheap")):
        with pytest.raises(WrongValue):
            options.put(name, value)
    with pytest.raises(UnknownOption, match="exploration_rate"):
        options.get("exploration")
