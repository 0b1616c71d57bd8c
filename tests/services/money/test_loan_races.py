"""Eight real processes that lend, give back, grant and spend at once, on both databases."""

from collections.abc import Iterator
from itertools import chain, count
from typing import Any

import pytest

from tests.installations import Template
from tests.services import crowd as crowds
from tests.services.crowd import SIZE, Crowd

pytestmark = pytest.mark.process
EACH = 20
LIMIT = 200
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


@pytest.fixture
def two(crowd: Crowd) -> list[dict[str, Any]]:
    """Two members of one team, each with a day of their own."""
    made = [
        crowd.one(
            work="prepare",
            name=f"member-{next(numbers)}",
            limits=[("user", "", "day", LIMIT)],
            legs=SIZE * EACH,
        )
        for _ in range(2)
    ]
    crowd.one(work="befriend", team=f"team-{next(numbers)}", users=[m["user_id"] for m in made])
    return made


def test_nobody_lends_what_is_spent_at_the_same_moment(
    crowd: Crowd, two: list[dict[str, Any]]
) -> None:
    ada, bob = two
    pairs = [[ada["user_id"], bob["user_id"]], [bob["user_id"], ada["user_id"]]]
    lend = {"work": "lend", "amount": 7, "times": EACH}
    spend = {"work": "spend", "amount": 3, "settle": 3}
    crowd.each(
        [{**lend, "users": pairs[place % 2], "returns": place < 2} for place in range(4)]
        + [
            {**spend, "user_id": each["user_id"], "legs": each["legs"][place::2]}
            for place, each in enumerate((ada, ada, bob, bob))
        ]
    )
    found = crowd.one(work="rows")["periods"][-2:]
    assert sum(each["lent_nano"] for each in found) == 0
    assert sum(each["spent_nano"] for each in found) <= 2 * LIMIT
    assert crowd.faults() == []


def test_the_last_cent_is_lent_or_spent_but_not_both(
    crowd: Crowd, two: list[dict[str, Any]]
) -> None:
    ada, bob = two
    lend = {"work": "lend", "users": [ada["user_id"], bob["user_id"]], "amount": 1, "times": 60}
    spend = {"work": "spend", "user_id": ada["user_id"], "amount": 1}
    results = crowd.each(
        [lend] * 4 + [{**spend, "legs": ada["legs"][place::4]} for place in range(4)]
    )
    lent = sum(each["lent"] for each in results[:4])
    held = len(list(chain.from_iterable(each["held"] for each in results[4:])))
    assert lent + held == LIMIT
    assert crowd.faults() == []


def test_every_grant_counts_however_many_come_at_once(
    crowd: Crowd, two: list[dict[str, Any]]
) -> None:
    ada, _ = two
    crowd.all(work="give", user_id=ada["user_id"], amount=1, times=5)
    spend = {"work": "spend", "user_id": ada["user_id"], "amount": 4}
    results = crowd.share_out(ada["legs"], **spend)
    held = len(list(chain.from_iterable(each["held"] for each in results)))
    assert held == (LIMIT + SIZE * 5) // 4
    assert crowd.faults() == []
