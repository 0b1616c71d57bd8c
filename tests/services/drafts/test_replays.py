"""The latest trips decided again with the draft: what would change, and nothing else counted."""

import pytest
from django.utils import timezone

from orchestrator.models import Leg, Trip, TripPayload, User
from orchestrator.routing.types import Overrides
from orchestrator.services.drafts import changes, entries, gears, replays
from orchestrator.services.driving import requests
from orchestrator.services.money import budgets


def drive(user: User, text: str, **wishes: object) -> Trip:
    now = timezone.now()
    trip = Trip.objects.create(
        user=user, source="page", created_at=now, deadline_at=now, state="done", headline=text[:120]
    )
    overrides = Overrides(**wishes)  # type: ignore[arg-type]
    request = requests.to_document(requests.from_text(text, overrides=overrides))
    TripPayload.objects.create(trip=trip, request=request)
    return trip


def test_an_empty_draft_changes_nothing(ada: User) -> None:
    assert replays.replay().line == "There are no trips to replay yet."
    drive(ada, "Fix the typo in the second line")
    found = replays.replay()
    assert (found.trips, found.moved, found.cost_change) == (1, (), 0.0)
    assert found.line == "Of 1 trip, 0 change gear, cost +0 %."


def test_what_moves_is_listed_with_its_price(ada: User) -> None:
    typo = drive(ada, "Fix the typo in the second line")
    pinned = drive(ada, "Fix the typo here", gear="demo-5")
    before = replays.replay()
    chosen = before_gear(ada)
    gears.retire(chosen, ada, is_retired=True)
    found = replays.replay()
    assert [each.trip for each in found.moved] == [typo]
    assert found.moved[0].old == chosen
    assert found.moved[0].new not in ("", chosen)
    assert found.old_nano == before.old_nano
    assert found.new_nano > found.old_nano
    assert "1 changes gear, cost +" in found.line
    assert pinned.pk not in {each.trip.pk for each in found.moved}
    assert not Leg.objects.exists()


def before_gear(ada: User) -> str:
    from orchestrator.services.driving import planning
    from orchestrator.services.people.identity import Caller

    receipt = planning.preview(
        Caller(ada.pk, "page"), requests.from_text("Fix the typo in the second line")
    )
    return str(receipt["gear"])


def test_a_road_that_wants_to_be_surer_lets_its_tasks_go(ada: User) -> None:
    drive(ada, "Fix the typo in the second line")
    road = entries.drafted_one("roads", "dirt-road")
    changes.put("roads", "dirt-road", {**(road or {}), "min_confidence": 0.99}, ada)
    moved = replays.replay().moved
    assert [(each.old_road, each.new_road) for each in moved] == [("dirt-road", "country-road")]


def test_an_empty_purse_of_today_does_not_colour_the_replay(ada: User) -> None:
    drive(ada, "Fix the typo in the second line")
    before = replays.replay()
    for currency in ("usd", "demo"):
        budgets.set_limit("global", "", "day", 0, currency)
    assert replays.replay() == before


@pytest.mark.parametrize("request_", [{}, {"messages": "x"}, {"messages": []}])
def test_trips_that_cannot_be_read_are_passed_over(ada: User, request_: dict[str, object]) -> None:
    trip = drive(ada, "Hello")
    TripPayload.objects.filter(pk=trip.pk).update(request=request_)
    assert replays.replay().trips == 0


def test_only_the_latest_trips_are_replayed(ada: User) -> None:
    for number in range(5):
        drive(ada, f"Fix the typo number {number}")
    assert replays.replay(3).trips == 3
