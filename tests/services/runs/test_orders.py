"""Runs are checked and priced before they start, and their items stand there from the beginning."""

from dataclasses import replace

import pytest

from orchestrator.models import Step, Trip
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import quotes, requests
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.runs import orders
from orchestrator.services.runs.orders import Order

pytestmark = pytest.mark.django_db(transaction=True)
SWARM = {"each": {"name": "word", "gear": "demo-2"}, "parallel": 3}


def order(pattern: Pattern, run: object = None, items: tuple[str, ...] = ()) -> Order:
    return Order(pattern, requests.from_text("Say what this is", run=run), items)


def test_a_swarm_keeps_its_items_and_gets_the_cap_of_its_quote(caller: Caller) -> None:
    wanted = order(Pattern.SWARM, SWARM, ("one", "two", "three"))
    quote = orders.quote(caller, wanted)
    trip = orders.start(caller, wanted)
    assert [s.given for s in Step.objects.filter(trip=trip)] == ["one", "two", "three"]
    assert (trip.pattern, trip.state) == ("swarm", Trip.State.QUEUED)
    assert trip.cap_nano == quote.cap_nano > 0


def test_a_quote_names_the_gear_of_each_place_and_grows_with_the_items(caller: Caller) -> None:
    wanted = order(Pattern.SWARM, SWARM, ("x" * 400,) * 100)
    one = orders.quote(caller, replace(wanted, items=wanted.items[:1]))
    many = orders.quote(caller, wanted)
    assert [each.candidate.gear.name for each in one.places] == ["demo-2"]
    assert many.estimate.calls == 100 * one.estimate.calls
    assert many.estimate.low_nano == 100 * one.estimate.low_nano
    assert many.estimate.seconds > one.estimate.seconds


def test_every_suitable_pattern_is_quoted_and_more_calls_cost_more(caller: Caller) -> None:
    found = {
        each.pattern: each.estimate for each in quotes.suitable(caller, order(Pattern.TEAM).request)
    }
    assert set(found) == {"convoy", "team", "cascade", "hybrid"}
    assert found["hybrid"].low_nano > found["team"].low_nano > 0
    assert all(each.low_nano <= each.high_nano <= each.cap_nano for each in found.values())


@pytest.mark.parametrize(
    ("pattern", "run", "items", "told"),
    [
        (Pattern.SWARM, SWARM, (), "needs items"),
        (Pattern.SWARM, {"each": {"name": "a", "gear": "nope"}}, ("x",), "there is none"),
        (Pattern.CONVOY, {"steps": []}, (), "at least one"),
        (Pattern.SWARM, {"parallel": 0}, ("x",), "from 1 to 100"),
        (Pattern.SWARM, None, ("x",) * 50_001, "50,000"),
        (Pattern.SINGLE, None, (), "no run"),
    ],
)
def test_what_cannot_be_driven_is_refused_before_it_starts(
    caller: Caller, pattern: Pattern, run: object, items: tuple[str, ...], told: str
) -> None:
    with pytest.raises(RequestRefused, match=told):
        orders.start(caller, order(pattern, run, items))
    assert not Trip.objects.exists()


def test_items_beside_a_hybrid_go_to_its_first_phase(caller: Caller) -> None:
    run = {
        "phases": [
            {"name": "each", "pattern": "swarm"},
            {"name": "end", "pattern": "convoy", "steps": [{"name": "sum up"}]},
        ]
    }
    plan = orders.plan_of(order(Pattern.HYBRID, run, ("a", "b")))
    assert plan.phases[0].plan.items == ("a", "b")
