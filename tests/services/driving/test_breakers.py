"""Breakers in the database: shared, one probe, told apart by credential."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator.models import Breaker
from orchestrator.patterns.crew import LegRefused
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import AuthError, BadRequest, Overloaded
from orchestrator.routing.types import GearSpec
from orchestrator.services.driving import breakers
from orchestrator.services.setup import fleet, seeds

pytestmark = pytest.mark.django_db
SPEC = ProviderSpec("demo", "demo", secret="")


@pytest.fixture
def gear() -> GearSpec:
    seeds.ensure_defaults()
    return next(gear for gear in fleet.snapshot().gears if gear.name == "demo-1")


def fail(gear: GearSpec, times: int = 3, spec: ProviderSpec = SPEC) -> None:
    for _ in range(times):
        breakers.record(gear, spec, Overloaded("busy"))


def test_an_open_breaker_keeps_its_gear_out(gear: GearSpec) -> None:
    breakers.admit(gear, SPEC, timezone.now())
    fail(gear)
    with pytest.raises(LegRefused) as refused:
        breakers.admit(gear, SPEC, timezone.now())
    assert refused.value.can_shift
    assert set(breakers.open_for(fleet.snapshot(), timezone.now())) == {"demo-1"}


def test_after_its_time_one_caller_probes(gear: GearSpec) -> None:
    fail(gear)
    later = timezone.now() + timedelta(minutes=6)
    breakers.admit(gear, SPEC, later)
    with pytest.raises(LegRefused):
        breakers.admit(gear, SPEC, later)
    breakers.record(gear, SPEC, None)
    breakers.admit(gear, SPEC, later)
    assert Breaker.objects.get().state == "closed"


def test_of_two_that_read_the_same_state_one_may_probe(gear: GearSpec) -> None:
    fail(gear)
    row = Breaker.objects.get()
    value = breakers._value(row)
    assert breakers._store(row, value)
    assert not breakers._store(row, value)


def test_the_demo_is_soon_itself_again(gear: GearSpec) -> None:
    fail(gear)
    breakers.admit(gear, SPEC, timezone.now() + timedelta(seconds=6))


def test_what_the_caller_did_wrong_is_not_held_against_it(gear: GearSpec) -> None:
    for _ in range(9):
        breakers.record(gear, SPEC, BadRequest("no such parameter"))
    assert not Breaker.objects.exists()


def test_a_wrong_key_closes_the_gear_for_that_key_only(gear: GearSpec) -> None:
    wrong = ProviderSpec("demo", "demo", secret="wrong")
    breakers.record(gear, wrong, AuthError("rejected"))
    with pytest.raises(LegRefused):
        breakers.admit(gear, wrong, timezone.now())
    breakers.admit(gear, ProviderSpec("demo", "demo", secret="right"), timezone.now())
    assert "wrong" not in Breaker.objects.get().credential


def test_a_breaker_can_be_reset_by_hand(gear: GearSpec) -> None:
    fail(gear)
    assert breakers.reset("demo", "demo-1") == 1
    breakers.admit(gear, SPEC, timezone.now())
