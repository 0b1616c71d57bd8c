"""Holding, settling and releasing: each once, in every budget that binds, in the same period."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from orchestrator.models import Budget, BudgetPeriod, LedgerEntry, Reservation, Team, User
from orchestrator.services.money import accounts, budgets, ledger
from orchestrator.services.money.accounts import AccountMoved, Movement
from orchestrator.services.money.ledger import BudgetExhausted, Closing, Kind
from tests.services import books
from tests.services.drivers import NOW, make_driver, make_hold, set_limits

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def ada() -> User:
    return make_driver("ada")


def numbers(scope: str, period: str = "day", key: str = "") -> tuple[int, int]:
    """Reserved and spent of one budget."""
    row = BudgetPeriod.objects.get(
        budget__scope=scope, budget__period=period, key__startswith=key or "2026-11"
    )
    return row.reserved_nano, row.spent_nano


def test_a_hold_binds_every_budget_of_its_driver_and_no_other(ada: User) -> None:
    team, token = Team.objects.create(name="acme"), uuid4()
    mine = [
        ("global", ""),
        ("team", str(team.pk)),
        ("user", str(ada.pk)),
        ("token", str(token)),
        ("provider", "openai"),
        ("road", "highway"),
    ]
    others = [("team", "999"), ("user", "999"), ("provider", "google"), ("road", "rally")]
    set_limits((*who, period, 100) for who in mine + others for period in ("day", "month"))
    set_limits([("global", "", "day", 100)], currency="demo")
    hold = make_hold(ada, 60, team_id=team.pk, token_id=token, provider="openai", road="highway")
    reservation = ledger.reserve(hold, NOW)
    bound = BudgetPeriod.objects.filter(reserved_nano=60)
    assert set(bound.values_list("budget__scope", "budget__scope_id")) == set(mine)
    assert bound.count() == 2 * len(mine) == BudgetPeriod.objects.count()
    assert set(reservation.period_ids) == set(bound.values_list("pk", flat=True))
    assert books.faults(books.rows()) == []


@pytest.mark.parametrize("tight", ["global", "user", "provider", "road"])
def test_a_refused_hold_leaves_nothing_behind(ada: User, tight: str) -> None:
    places = {"global": "", "user": str(ada.pk), "provider": "openai", "road": "highway"}
    set_limits((scope, name, "day", 1000) for scope, name in places.items())
    set_limits([(tight, places[tight], "month", 59)])
    with pytest.raises(BudgetExhausted) as refusal:
        ledger.reserve(make_hold(ada, 60, provider="openai", road="highway"), NOW)
    assert (refusal.value.view.scope, refusal.value.view.period) == (tight, "month")
    assert refusal.value.needed_nano == 60
    assert not Reservation.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not BudgetPeriod.objects.exclude(reserved_nano=0).exists()


def test_a_refusal_names_the_budget_with_the_least_left(ada: User) -> None:
    set_limits([("global", "", "day", 50), ("user", str(ada.pk), "day", 20)])
    with pytest.raises(BudgetExhausted) as refusal:
        ledger.reserve(make_hold(ada, 60), NOW)
    assert refusal.value.view.scope == "user"
    assert refusal.value.view.left_nano == 20


def test_settling_books_the_cost_and_frees_the_rest(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    reservation = ledger.reserve(make_hold(ada, 80), NOW)
    assert ledger.settle(reservation.pk, 30) == 30
    assert numbers("global") == (0, 30)
    reservation.refresh_from_db()
    assert (reservation.state, reservation.actual_nano) == ("settled", 30)
    assert books.faults(books.rows()) == []


@pytest.mark.parametrize(
    ("first", "booked"), [(Kind.SETTLE, 7), (Kind.UNKNOWN, 80), (Kind.RELEASE, 0)]
)
@pytest.mark.parametrize("second", [Kind.SETTLE, Kind.UNKNOWN, Kind.RELEASE])
def test_the_first_closing_counts_and_later_ones_return_it(
    ada: User, first: Kind, booked: int, second: Kind
) -> None:
    set_limits([("global", "", "day", 100)])
    reservation = ledger.reserve(make_hold(ada, 80), NOW)
    assert ledger.settle_many([Closing(reservation.pk, first, 7)]) == [booked]
    assert ledger.settle_many([Closing(reservation.pk, second, 9)]) == [booked]
    assert numbers("global") == (0, booked)
    assert books.faults(books.rows()) == []


def test_two_closings_of_one_hold_in_a_batch_count_once(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    reservation = ledger.reserve(make_hold(ada, 80), NOW)
    closings = [Closing(reservation.pk, Kind.SETTLE, 7), Closing(reservation.pk, Kind.RELEASE)]
    assert ledger.settle_many(closings) == [7, 7]
    assert numbers("global") == (0, 7)


def test_an_unknown_end_books_the_whole_hold(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    reservation = ledger.reserve(make_hold(ada, 80), NOW)
    assert ledger.settle_unknown(reservation.pk) == 80
    assert numbers("global") == (0, 80)
    assert [entry.kind for entry in LedgerEntry.objects.all()] == ["reserve", "unknown"]


def test_a_call_dearer_than_its_hold_is_booked_and_recorded_as_overrun(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    reservation = ledger.reserve(make_hold(ada, 80), NOW)
    assert ledger.settle(reservation.pk, 130) == 130
    assert numbers("global") == (0, 130)
    entries = LedgerEntry.objects.values_list("kind", "amount_nano")
    assert list(entries) == [("reserve", 80), ("settle", 130), ("overrun", 50)]
    with pytest.raises(BudgetExhausted) as refusal:
        ledger.reserve(make_hold(ada, 1), NOW)
    assert refusal.value.view.left_nano == 0


def test_what_is_free_is_admitted_though_the_budget_is_gone(ada: User) -> None:
    set_limits([("global", "", "day", 0)])
    reservation = ledger.reserve(make_hold(ada, 0), NOW)
    assert ledger.settle(reservation.pk, 0) == 0
    with pytest.raises(BudgetExhausted):
        ledger.reserve(make_hold(ada, 1), NOW)


def test_without_any_budget_nothing_is_refused(ada: User) -> None:
    reservation = ledger.reserve(make_hold(ada, 10**15), NOW)
    assert reservation.period_ids == []
    assert ledger.settle(reservation.pk, 5) == 5


def test_a_budget_without_limit_only_counts(ada: User) -> None:
    set_limits([("global", "", "day", None)])
    ledger.settle(ledger.reserve(make_hold(ada, 10**12), NOW).pk, 10**12)
    assert numbers("global") == (0, 10**12)


def test_demo_money_and_dollars_never_mix(ada: User) -> None:
    set_limits([("global", "", "day", 10)])
    set_limits([("global", "", "day", 1000)], currency="demo")
    ledger.reserve(make_hold(ada, 500, currency="demo"), NOW)
    with pytest.raises(BudgetExhausted):
        ledger.reserve(make_hold(ada, 500), NOW)


def test_a_hold_over_midnight_is_settled_in_the_day_it_was_made(ada: User) -> None:
    set_limits([("global", "", "day", 100), ("global", "", "month", 150)])
    before = datetime.fromisoformat("2026-11-20T23:59:59+00:00")
    first = ledger.reserve(make_hold(ada, 100), before)
    second = ledger.reserve(make_hold(ada, 50), before + timedelta(seconds=2))
    ledger.settle(first.pk, 90)
    assert numbers("global", key="2026-11-20") == (0, 90)
    assert numbers("global", key="2026-11-21") == (50, 0)
    assert numbers("global", "month") == (50, 90)
    ledger.release(second.pk)
    assert books.faults(books.rows()) == []


def test_a_clock_set_back_returns_to_the_day_before(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    ledger.reserve(make_hold(ada, 100), NOW)
    ledger.reserve(make_hold(ada, 100), TOMORROW)
    with pytest.raises(BudgetExhausted):
        ledger.reserve(make_hold(ada, 1), NOW)


def test_a_refusal_inside_a_transaction_leaves_it_usable(ada: User) -> None:
    set_limits([("global", "", "day", 10), ("user", str(ada.pk), "day", 100)])
    with transaction.atomic():
        ledger.reserve(make_hold(ada, 4), NOW)
        with pytest.raises(BudgetExhausted):
            ledger.reserve(make_hold(ada, 7), NOW)
        ledger.reserve(make_hold(ada, 6), NOW)
    assert numbers("global") == numbers("user") == (10, 0)


def test_a_hold_is_undone_with_the_transaction_around_it(ada: User) -> None:
    set_limits([("global", "", "day", 10)])
    ledger.release(ledger.reserve(make_hold(ada, 1), NOW).pk)
    with transaction.atomic():
        ledger.reserve(make_hold(ada, 10), NOW)
        transaction.set_rollback(True)
    assert numbers("global") == (0, 0)
    assert Reservation.objects.count() == 1


def test_moving_a_hold_needs_room_only_for_the_difference(ada: User) -> None:
    set_limits([("global", "", "day", 100), ("provider", "b", "day", 100)])
    old = ledger.reserve(make_hold(ada, 80, provider="a"), NOW)
    new = ledger.move(old.pk, make_hold(ada, 95, provider="b"), NOW)
    assert numbers("global") == numbers("provider") == (95, 0)
    old.refresh_from_db()
    assert (old.state, new.state) == ("released", "held")
    assert books.faults(books.rows()) == []


def test_a_move_without_room_changes_nothing(ada: User) -> None:
    set_limits([("global", "", "day", 100), ("provider", "b", "day", 10)])
    old = ledger.reserve(make_hold(ada, 80, provider="a"), NOW)
    with pytest.raises(BudgetExhausted):
        ledger.move(old.pk, make_hold(ada, 20, provider="b"), NOW)
    old.refresh_from_db()
    assert old.state == "held"
    assert numbers("global") == (80, 0)
    assert books.faults(books.rows()) == []


def test_moving_what_is_closed_already_only_reserves(ada: User) -> None:
    set_limits([("global", "", "day", 100)])
    old = ledger.reserve(make_hold(ada, 80), NOW)
    ledger.settle(old.pk, 30)
    ledger.move(old.pk, make_hold(ada, 70), NOW)
    assert numbers("global") == (70, 30)
    assert books.faults(books.rows()) == []


def test_a_leg_is_held_for_once(ada: User) -> None:
    hold = make_hold(ada, 5)
    ledger.reserve(hold, NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.reserve(hold, NOW)


def test_a_batch_admits_what_fits_and_passes_over_what_does_not(ada: User) -> None:
    set_limits([("global", "", "day", 100), ("provider", "small", "day", 10)])
    wanted = [
        make_hold(ada, 60),
        make_hold(ada, 50),
        make_hold(ada, 20, provider="small"),
        make_hold(ada, 10, provider="small"),
        make_hold(ada, 30),
        make_hold(ada, 1),
    ]
    results = ledger.reserve_many(wanted, NOW)
    assert [isinstance(result, Reservation) for result in results] == [1, 0, 0, 1, 1, 0]
    assert numbers("global") == (100, 0)
    assert numbers("provider") == (10, 0)
    assert books.faults(books.rows()) == []


def test_holds_are_found_once_their_time_is_over(ada: User) -> None:
    held = ledger.reserve(make_hold(ada, 1, expires_at=NOW), NOW)
    later = ledger.reserve(make_hold(ada, 1, expires_at=TOMORROW), NOW)
    closed = ledger.reserve(make_hold(ada, 1, expires_at=NOW), NOW)
    ledger.release(closed.pk)
    assert list(ledger.expired(NOW)) == []
    assert list(ledger.expired(NOW + timedelta(seconds=1))) == [held]
    assert list(ledger.expired(TOMORROW + timedelta(seconds=1))) == [held, later]


@pytest.mark.parametrize("amount_nano", [-1, 10**15 + 1])
def test_impossible_amounts_are_refused_before_anything_is_written(
    ada: User, amount_nano: int
) -> None:
    set_limits([("global", "", "day", None)])
    with pytest.raises(ValueError, match="no amount"):
        ledger.reserve(make_hold(ada, amount_nano), NOW)
    reservation = ledger.reserve(make_hold(ada, 5), NOW)
    with pytest.raises(ValueError, match="no amount"):
        ledger.settle(reservation.pk, amount_nano)
    assert numbers("global") == (5, 0)


def test_booking_on_a_stale_reading_is_refused_by_the_statement_itself(ada: User) -> None:
    budget = budgets.set_limit("global", "", "day", 100, now=NOW)
    ledger.reserve(make_hold(ada, 90), NOW)
    period = BudgetPeriod.objects.get(budget=budget)
    with pytest.raises(AccountMoved), transaction.atomic():
        accounts.book({period.pk: Movement(reserved_nano=11, asks=True)})
    assert numbers("global") == (90, 0)


@pytest.mark.parametrize("change", ["UPDATE {} SET amount_nano = 0", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_ledger(ada: User, change: str) -> None:
    ledger.reserve(make_hold(ada, 5), NOW)
    statement = change.format(LedgerEntry._meta.db_table)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        connection.cursor().execute(statement)
    assert LedgerEntry.objects.get().amount_nano == 5


def test_a_budget_with_a_period_cannot_be_deleted(ada: User) -> None:
    budget = budgets.set_limit("global", "", "day", 100, now=NOW)
    ledger.reserve(make_hold(ada, 5), NOW)
    with pytest.raises(IntegrityError):
        Budget.objects.get(pk=budget.pk).delete()
