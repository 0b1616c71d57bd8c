"""Daily sums: complete, counted once, counted anew when something moved, checked by the doctor."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from orchestrator.models import Conversation, Team, Trip, UsageDay, User
from orchestrator.services.chat import conversations
from orchestrator.services.reports import labels, rollups, ties
from orchestrator.services.school import learning
from orchestrator.services.upkeep.invariants import money

from .conftest import NOON, MakeTrip

pytestmark = pytest.mark.django_db
Grain = UsageDay.Grain


def told(grain: Grain, name: str, **only: object) -> int:
    rows = UsageDay.objects.filter(grain=grain, **only)
    total: int = rows.aggregate(sum=Sum(name))["sum"] or 0
    return total


def test_every_grain_adds_up_to_the_same(make_trip: MakeTrip, bob: User, team: Team) -> None:
    make_trip(team=team, legs=({"cost_nano": 5}, {"cost_nano": 7, "gear": "g2", "provider": "p2"}))
    make_trip(bob, state=Trip.State.FAILED, legs=({"state": "failed", "cost_nano": 0},))
    make_trip(bob, currency="demo")
    assert rollups.advance()
    for grain in Grain:
        assert told(grain, "cost_nano", currency="usd") == 12
        assert told(grain, "trips") == 3
        assert told(grain, "calls") == 4
        assert told(grain, "failed") == 1
        assert told(grain, "failed_calls") == 1
    assert told(Grain.FLEET, "cost_nano", gear="g2") == 7
    assert told(Grain.FLEET, "cost_nano", provider="p2") == 7
    assert ties.differences() == []


def test_counting_twice_changes_nothing(make_trip: MakeTrip) -> None:
    make_trip()
    for _ in range(2):
        rollups.advance()
        rollups.recount_day(NOON.date())
    assert told(Grain.PEOPLE, "trips") == 1


def test_a_trip_under_way_is_counted_when_it_ends(make_trip: MakeTrip) -> None:
    trip = make_trip(state=Trip.State.DRIVING)
    rollups.advance()
    assert told(Grain.PEOPLE, "trips") == 0
    Trip.objects.filter(pk=trip.pk).update(state=Trip.State.DONE)
    rollups.advance()
    assert told(Grain.PEOPLE, "trips") == 1


def test_votes_given_and_taken_back_move_the_sums(make_trip: MakeTrip, ada: User) -> None:
    trip = make_trip()
    rollups.advance()
    learning.toggle(trip.pk, ada.pk, "good")
    rollups.advance()
    assert told(Grain.WHOLE, "good", gear="g1", provider="p1") == 1
    learning.correct(trip.pk, ada.pk, "g2")
    rollups.advance()
    assert (told(Grain.FLEET, "good"), told(Grain.FLEET, "corrected")) == (0, 1)
    learning.toggle(trip.pk, ada.pk, "corrected")
    rollups.advance()
    assert told(Grain.PEOPLE, "corrected") == 0


def test_tags_of_a_chat_hold_for_its_earlier_trips(make_trip: MakeTrip, ada: User) -> None:
    chat = Conversation.objects.create(user=ada)
    make_trip(conversation=chat)
    rollups.advance()
    conversations.set_tags(chat, ["billing", "bill"])
    rollups.advance()
    (row,) = UsageDay.objects.filter(grain=Grain.WHOLE, tags__contains=labels.line_of("bill"))[:1]
    assert labels.split(row.tags) == ["bill", "billing"]
    assert not UsageDay.objects.filter(tags__contains=labels.line_of("ill")).exists()


def test_days_are_utc_days_and_end_at_midnight(make_trip: MakeTrip) -> None:
    midnight = NOON.replace(hour=0)
    make_trip(created_at=midnight)
    make_trip(created_at=midnight - timedelta(microseconds=1))
    rollups.advance()
    days = UsageDay.objects.filter(grain=Grain.PEOPLE).values_list("day", flat=True)
    assert sorted(days) == [NOON.date() - timedelta(days=1), NOON.date()]


def test_the_time_of_answers_is_counted_in_classes(make_trip: MakeTrip) -> None:
    for took_s in (0, 0.25, 3.9, 10_000):
        make_trip(took_s=took_s)
    make_trip(state=Trip.State.FAILED)
    rollups.advance()
    counts = [told(Grain.WHOLE, name) for name in ("took_00", "took_01", "took_06", "took_19")]
    assert counts == [1, 1, 1, 1]


def test_only_answered_trips_with_a_baseline_are_compared(make_trip: MakeTrip) -> None:
    make_trip(baseline_gear="g5", baseline_nano=9_000)
    make_trip(baseline_gear="g5", baseline_nano=9_000, state=Trip.State.FAILED)
    make_trip()
    rollups.advance()
    names = ("compared", "compared_nano", "baseline_nano", "compared_output_tokens")
    assert [told(Grain.PEOPLE, name) for name in names] == [1, 1_000, 9_000, 10]


def test_the_doctor_finds_sums_that_do_not_tie(make_trip: MakeTrip) -> None:
    make_trip()
    assert money.reports_tie() == []
    UsageDay.objects.filter(grain=Grain.FLEET).update(cost_nano=1)
    (found,) = money.reports_tie()
    assert found.message == "cost_nano by fleet is 1, trips say 1000"


def test_the_doctor_counts_what_is_new_before_it_compares(make_trip: MakeTrip) -> None:
    make_trip()
    rollups.advance()
    trip = make_trip()
    assert money.reports_tie() == []
    trip.refresh_from_db()
    assert trip.counted_at is not None


def test_many_people_on_one_day_are_counted_with_the_whole_day(
    make_trip: MakeTrip, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "MOST_NAMED", 1)
    make_trip()
    make_trip(bob)
    rollups.advance()
    assert told(Grain.PEOPLE, "trips") == 2
