"""The dashboard: gauges in words, latest trips, what needs attention."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import (
    Alert,
    Budget,
    BudgetPeriod,
    Currency,
    FleetVersion,
    Gear,
    Provider,
    User,
)
from orchestrator.services.money import accounts
from orchestrator.services.upkeep import startup

from .conftest import ATTACK, MakeTrip, add_leg, signed_in


@pytest.fixture(autouse=True)
def prepared(ada: User) -> None:
    startup.prepare()


@pytest.fixture
def spent(request: pytest.FixtureRequest, page: Client) -> str:
    """The dashboard after a share of the demo budget is gone."""
    page.get("/")
    budget = Budget.objects.get(period="day", currency=Currency.DEMO)
    accounts.open_periods([budget.pk], timezone.now())
    BudgetPeriod.objects.filter(budget=budget).update(
        spent_nano=budget.limit_nano * request.param // 100
    )
    return page.get("/").content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_a_new_installation_says_that_the_demo_answers(page: Client) -> None:
    text = words(page.get("/").content.decode())
    assert "Demo – canned answer" in text
    assert "clutch keys set ANTHROPIC_API_KEY" in text
    assert "$2.00 of $2.00 demo dollars left" in text
    assert "Green" in text
    assert "Nothing yet" in text


def test_with_a_provider_nobody_speaks_of_the_demo(page: Client) -> None:
    Provider.objects.filter(name="ollama").update(reach="ok")
    Gear.objects.filter(provider__name="ollama").update(verified_at=timezone.now())
    FleetVersion.bump()
    assert "canned answer" not in words(page.get("/").content.decode())


@pytest.mark.parametrize(
    ("spent", "word", "closed"),
    [
        (29, "Green", []),
        (30, "Yellow", ["G4", "G5"]),
        (60, "Orange", ["G3", "G4", "G5"]),
        (80, "Red", ["G1", "G2", "G3", "G4", "G5"]),
    ],
    indirect=["spent"],
)
def test_the_gauge_says_its_zone_in_words_and_strikes_closed_gears(
    spent: str, word: str, closed: list[str]
) -> None:
    assert f"</svg> {word}</span>" in spent
    meter = re.search(r'role="meter"[^>]*aria-valuetext="([^"]*)"', spent)
    assert meter is not None
    assert word.lower() in meter[1]
    struck = re.findall(r'is-closed"[^>]*>\s*<span>(G\d)', spent)
    assert struck == closed
    for gear in closed:
        assert f"{gear} closed: the budget" in spent


def test_alerts_are_shown_to_whom_they_concern(
    page: Client, make_trip: MakeTrip, eve: User
) -> None:
    Alert.objects.create(kind="x", subject="G4", message="G4 is slow")
    Alert.objects.create(kind="x", subject="G5", message="mine", trip=make_trip())
    Alert.objects.create(kind="x", subject="G5", message="hers", trip=make_trip(eve))
    text = page.get("/").content.decode()
    assert "G4 is slow" in text
    assert "mine" in text
    assert "hers" not in text


def test_nothing_of_a_person_reaches_the_page_as_html(page: Client, make_trip: MakeTrip) -> None:
    trip = make_trip(headline=ATTACK, gear=ATTACK)
    add_leg(trip, gear=ATTACK)
    Alert.objects.create(kind="x", subject=ATTACK, message=ATTACK)
    for answer in (page.get("/"), page.get("/health/")):
        assert ATTACK not in answer.content.decode()
    assert "&lt;script&gt;" in page.get("/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_trips(
    page: Client, make_trip: MakeTrip, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    add_leg(make_trip(), output_tokens=90, seconds=2.0, first_token_s=0.5)
    page.get("/")
    with django_assert_num_queries(21):
        page.get("/")
    for _ in range(8):
        add_leg(make_trip())
    with django_assert_num_queries(21):
        page.get("/")


def test_others_see_nothing_of_ones_trips(make_trip: MakeTrip, eve: User) -> None:
    add_leg(make_trip(headline="my secret plan"), gear="demo-4", level=4)
    text = signed_in(eve).get("/").content.decode()
    assert "my secret plan" not in text
    assert "Neutral" in text


def test_todays_trips_are_counted(page: Client, make_trip: MakeTrip) -> None:
    make_trip()  # of another day
    for _ in range(2):
        make_trip(created_at=timezone.now())
    assert "Latest trips 2 today" in words(page.get("/").content.decode())
