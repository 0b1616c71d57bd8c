"""Every invariant is checked by number, and what breaks one is named."""

from pathlib import Path

import pytest
from pytest_django import Settings

from orchestrator.models import Trip
from orchestrator.services.database import in_thread
from orchestrator.services.driving import outlets, requests, trips
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import invariants
from tests.services.upkeep.damages import DAMAGES, KEY, Damage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def trip(caller: Caller) -> Trip:
    """One that was answered, with its log."""
    page = Caller(caller.user_id, Trip.Source.PAGE)
    made = await in_thread(trips.start, page, requests.from_text("Hello"))
    await outlets.to_page(made.pk, "worker:me")
    return await in_thread(Trip.objects.get, pk=made.pk)


@pytest.mark.parametrize(
    ("number", "name", "damage"), DAMAGES, ids=[damage.__name__ for *_, damage in DAMAGES]
)
async def test_what_breaks_an_invariant_is_named_by_its_number(
    trip: Trip,
    number: str,
    name: str,
    damage: Damage,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    settings.CLUTCH_HOME = tmp_path
    assert await in_thread(broken) == set()
    await in_thread(damage, trip)
    assert (number, name) in await in_thread(broken)


def broken() -> set[tuple[str, str]]:
    checked = invariants.document()["checked"]
    return {(each["number"], each["name"]) for each in checked if not each["holds"]}


def test_each_check_of_all_sixteen_is_broken_by_a_test(caller: Caller) -> None:
    document = invariants.document()
    checked = {(each["number"], each["name"]) for each in document["checked"]}
    assert {number for number, _ in checked} == {f"I{number}" for number in range(1, 17)}
    assert checked == {(number, name) for number, name, _ in DAMAGES}
    assert document["breaches"] == []
