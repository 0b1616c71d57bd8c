"""Eight real processes on one SQLite or PostgreSQL: never over, never lost, never locked."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from typing import Any

import pytest

from tests.installations import Template
from tests.services import crowd as crowds
from tests.services.crowd import SIZE, Crowd

pytestmark = pytest.mark.process
EACH = 60
numbers = count(1)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def crowd(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crowd]:
    template: Template = request.getfixturevalue(f"{request.param}_template")
    installation = template.copy(tmp_path_factory.mktemp("crowd") / "home")
    with crowds.gather(installation) as crowd:
        yield crowd


@pytest.fixture(autouse=True)
def books_tie(crowd: Crowd) -> Iterator[None]:
    yield
    assert crowd.faults() == []


def prepare(
    crowd: Crowd, *limits: tuple[str, str, str, int | None], legs: int = SIZE * EACH
) -> Any:
    """A driver of this test alone, so that the budgets of one test never bind another."""
    return crowd.one(work="prepare", name=f"driver-{next(numbers)}", limits=limits, legs=legs)


def held(results: list[Any]) -> list[str]:
    return list(chain.from_iterable(result["held"] for result in results))


def refused(results: list[Any]) -> Counter[str]:
    return Counter(chain.from_iterable(result["refused"] for result in results))


def periods_of(crowd: Crowd, reservations: list[str]) -> list[Any]:
    """The periods that these reservations bind, in the order of their keys."""
    found = crowd.one(work="rows")
    mine = set(reservations)
    ids = set(
        chain.from_iterable(
            each["period_ids"] for each in found["reservations"] if each["id"] in mine
        )
    )
    return sorted(
        (each for each in found["periods"] if each["id"] in ids), key=lambda row: row["id"]
    )


@pytest.mark.fault("the last cent is wanted twice")
def test_the_last_cent_is_spent_once(crowd: Crowd) -> None:
    driver = prepare(crowd, ("user", "", "day", 222))
    results = crowd.share_out(driver["legs"], work="spend", user_id=driver["user_id"], amount=1)
    assert len(held(results)) == 222
    assert refused(results) == {"user": SIZE * EACH - 222}
    [period] = periods_of(crowd, held(results))
    assert (period["reserved_nano"], period["spent_nano"]) == (222, 0)


def test_what_is_settled_adds_up_to_the_limit_exactly(crowd: Crowd) -> None:
    driver = prepare(crowd, ("user", "", "day", 2220), ("user", "", "month", 100_000))
    results = crowd.share_out(
        driver["legs"], work="spend", user_id=driver["user_id"], amount=30, settle=10
    )
    # A hold of 30 needs room for 30, so the last ones admitted leave at most 29 unspent.
    day, month = periods_of(crowd, held(results))
    assert 2220 - 29 <= day["spent_nano"] <= 2220
    assert day["spent_nano"] == month["spent_nano"] == 10 * len(held(results))
    assert day["reserved_nano"] == month["reserved_nano"] == 0


@pytest.mark.fault("the last cent is wanted twice")
def test_nested_budgets_hold_all_or_nothing(crowd: Crowd) -> None:
    driver = prepare(
        crowd,
        ("user", "", "day", 1000),
        ("user", "", "month", 170),
        ("provider", "nested", "day", 150),
    )
    results = crowd.share_out(
        driver["legs"], work="spend", user_id=driver["user_id"], amount=1, provider="nested"
    )
    assert len(held(results)) == 150
    assert refused(results) == {"provider": SIZE * EACH - 150}
    assert [row["reserved_nano"] for row in periods_of(crowd, held(results))] == [150, 150, 150]


def test_batches_of_all_processes_fill_the_budget_exactly(crowd: Crowd) -> None:
    driver = prepare(crowd, ("user", "", "day", 333), ("user", "", "month", 5000))
    results = crowd.share_out(
        driver["legs"], work="spend_many", user_id=driver["user_id"], amount=1
    )
    assert len(held(results)) == 333
    assert refused(results) == {"user": SIZE * EACH - 333}


def test_a_hold_is_closed_once_whoever_comes_first(crowd: Crowd) -> None:
    driver = prepare(crowd, ("user", "", "day", 10_000), legs=SIZE * 5)
    holds = held(crowd.share_out(driver["legs"], work="spend", user_id=driver["user_id"], amount=9))
    kinds = ["settle", "unknown", "release", "settle"] * 2
    results = crowd.each(
        [
            {"work": "close", "reservations": holds, "kind": kind, "actual": place}
            for place, kind in enumerate(kinds)
        ]
    )
    assert all(result == results[0] for result in results)
    [period] = periods_of(crowd, holds)
    assert period["spent_nano"] == sum(results[0])
    assert period["reserved_nano"] == 0


@pytest.mark.fault("the clock jumps")
@pytest.mark.parametrize(
    ("before", "after", "sums"),
    [
        ("2026-11-20T23:59:59", "2026-11-21T00:00:01", [100, 100, 200]),
        ("2026-01-31T23:59:59", "2026-02-01T00:00:01", [100, 100, 100, 100]),
        ("2028-02-28T23:59:59", "2028-02-29T00:00:01", [100, 100, 200]),
    ],
    ids=["day", "month", "leap day"],
)
def test_holds_made_around_midnight_are_booked_to_their_own_day(
    crowd: Crowd, before: str, after: str, sums: list[int]
) -> None:
    driver = prepare(crowd, ("user", "", "day", 100), ("user", "", "month", 100_000))
    moments = [f"{before}+00:00", f"{after}+00:00"]
    results = crowd.each(
        [
            {
                "work": "spend",
                "legs": driver["legs"][place::SIZE],
                "user_id": driver["user_id"],
                "amount": 1,
                "now": moments[place % 2],
            }
            for place in range(SIZE)
        ]
    )
    assert len(held(results)) == 200
    crowd.each(
        [
            {"work": "close", "kind": "settle", "reservations": r["held"], "actual": 1}
            for r in results
        ]
    )
    spent = sorted(row["spent_nano"] for row in periods_of(crowd, held(results)))
    assert spent == sums


def test_calls_that_swap_providers_do_not_block_each_other(crowd: Crowd) -> None:
    driver = prepare(crowd, ("provider", "left", "day", None), ("provider", "right", "day", None))
    sides, half = ["left", "right"] * 4, EACH // 2
    shares = [driver["legs"][place * EACH :][:EACH] for place in range(SIZE)]
    common = {"user_id": driver["user_id"], "amount": 1}
    first = crowd.each(
        [
            {"work": "spend", "legs": legs[:half], "provider": side, **common}
            for legs, side in zip(shares, sides, strict=True)
        ]
    )
    moved = crowd.each(
        [
            {
                "work": "move",
                "reservations": result["held"],
                "legs": legs[half:],
                "provider": sides[place - 1],
                **common,
            }
            for place, (result, legs) in enumerate(zip(first, shares, strict=True))
        ]
    )
    reserved = [row["reserved_nano"] for row in periods_of(crowd, list(chain(*moved)))]
    assert reserved == [SIZE * half // 2] * 2


def test_a_limit_changed_under_load_never_lets_more_through_than_its_highest(crowd: Crowd) -> None:
    driver = prepare(crowd, ("user", "", "day", 200))
    spend = {"work": "spend", "user_id": driver["user_id"], "amount": 1}
    change = {"work": "limit", "user_id": driver["user_id"], "amounts": [0, 50, 200] * 20}
    results = crowd.each(
        [change] + [{**spend, "legs": driver["legs"][place::SIZE]} for place in range(1, SIZE)]
    )[1:]
    assert len(held(results)) <= 200
    rest = crowd.one(**spend, legs=driver["legs"][0::SIZE])
    assert len(held([*results, rest])) == min(200, len(held(results)) + EACH)


def test_history_cannot_be_rewritten(crowd: Crowd) -> None:
    driver = prepare(crowd, ("user", "", "day", 5), legs=SIZE)
    crowd.share_out(driver["legs"], work="spend", user_id=driver["user_id"], amount=1)
    before = crowd.one(work="rows")["entries"]
    assert crowd.one(work="tamper") == ["ledger entries are never changed or deleted"] * 2
    assert crowd.one(work="rows")["entries"] == before
