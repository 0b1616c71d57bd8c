"""The health page: providers with the reason they are not used, resting models, alerts, queue."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import Alert, Breaker, Gear, Provider, Setting, Trip, User
from orchestrator.services.upkeep import book_checks, startup

from .conftest import ATTACK, MakeTrip, add_leg, signed_in


@pytest.fixture(autouse=True)
def prepared(db: None) -> None:
    startup.prepare()


def test_it_says_what_each_provider_needs(page: Client) -> None:
    html = page.get("/health/").content.decode()
    assert "needs ANTHROPIC_API_KEY" in html
    assert "G3 claude-sonnet" in html
    assert html.index("Demo (canned answers)") < html.index("not set up</summary>")
    assert html.index("not set up</summary>") < html.index("Anthropic")


def test_it_says_which_models_rest_and_until_when(page: Client) -> None:
    until = timezone.now() + timedelta(seconds=40)
    for state in ("open", "half_open", "closed"):
        Breaker.objects.create(
            provider=f"p-{state}", model_id="m", state=state, open_until=until, last_error=ATTACK
        )
    html = page.get("/health/").content.decode()
    assert "Not called" in html
    assert "Being tried" in html
    assert "p-closed" not in html
    assert until.strftime("%H:%M:%S") in html
    assert ATTACK not in html


def test_a_resting_model_is_tried_again_by_those_who_run_the_place(
    page: Client, root: User
) -> None:
    for model in ("mended", "other"):
        Breaker.objects.create(provider="p", model_id=model, state="open")
    mended = {"provider": "p", "model_id": "mended"}
    assert "Try again now" not in page.get("/health/").content.decode()
    assert page.post("/health/try-again/", mended).status_code == 404
    assert "Try again now" in signed_in(root).get("/health/").content.decode()
    assert signed_in(root).post("/health/try-again/", mended).status_code == 302
    assert Breaker.objects.get().model_id == "other"


def test_it_counts_what_waits(page: Client, make_trip: MakeTrip) -> None:
    make_trip(state=Trip.State.QUEUED)
    make_trip(state=Trip.State.QUEUED)
    make_trip(state=Trip.State.DRIVING)
    assert "2 waiting · 1 driving" in page.get("/health/").content.decode()


def test_alerts_are_dismissed_by_those_who_see_them(
    page: Client, eve: User, make_trip: MakeTrip, root: User
) -> None:
    own = Alert.objects.create(kind="x", subject="a", message="a", trip=make_trip())
    hers = Alert.objects.create(kind="x", subject="b", message="b", trip=make_trip(eve))
    assert page.post(f"/health/alerts/{hers.pk}/dismiss/").status_code == 404
    assert page.post(f"/health/alerts/{own.pk}/dismiss/").status_code == 302
    assert page.post(f"/health/alerts/{own.pk}/dismiss/").status_code == 404
    assert signed_in(root).post(f"/health/alerts/{hers.pk}/dismiss/").status_code == 302
    assert not Alert.objects.filter(dismissed_at=None).exists()


def test_more_gears_do_not_mean_more_queries(
    page: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page.get("/health/")
    with django_assert_num_queries(14):
        page.get("/health/")
    demo = Provider.objects.get(name="demo")
    for number in range(5):
        Gear.objects.create(name=f"more-{number}", level=1, provider=demo, model_id="x")
    with django_assert_num_queries(14):
        page.get("/health/")


def test_every_bad_line_says_what_to_do(page: Client, make_trip: MakeTrip) -> None:
    recent = {"created_at": timezone.now()}
    failing = make_trip(**recent)
    for number in range(6):
        add_leg(failing, attempt=number + 1, error_code="rate_limited")
    failing.legs.update(state="failed")
    well = make_trip(**recent)
    add_leg(well, gear="demo-2", seconds=1.2)
    Breaker.objects.create(provider="p", model_id="m", state="open", last_error_code="auth")
    Provider.objects.filter(name="ollama").update(reach="down")
    Alert.objects.create(kind="overkill", subject="g", message="m", trip=failing)
    make_trip(state=Trip.State.QUEUED, headline="left alone")
    html = page.get("/health/").content.decode()
    for told in (
        "Too much was asked at once",
        "Fails often",
        "The key was refused. Put in a new one",
        "Start the local server",
        "Compare with the cheaper gear",
        "Trips wait for a worker",
        "left alone",
        "1.2 s",
        "MiB free",
    ):
        assert told in html, told


def test_the_books_are_checked_by_those_who_run_the_place(
    page: Client, root: User, make_trip: MakeTrip
) -> None:
    assert page.post("/health/check/").status_code == 404
    assert "Check now" not in page.get("/health/").content.decode()
    runs = signed_in(root)
    runs.post("/health/check/")
    html = runs.get("/health/").content.decode()
    assert "Waiting for a worker" in html
    assert "Check now" not in html
    book_checks.work(Setting.objects.get(name=book_checks.NAME).value["run"])
    assert "All tie" in runs.get("/health/books/").content.decode()
    make_trip(cost_nano=5)
    told = runs.post("/health/check/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-get="/health/books/"' in told
    book_checks.work(Setting.objects.get(name=book_checks.NAME).value["run"])
    html = page.get("/health/").content.decode()
    assert "trip 5, legs 0" in html
    assert "Run: clutch doctor --invariants" in html


def test_other_peoples_waiting_trips_are_counted_and_not_named(
    page: Client, eve: User, make_trip: MakeTrip
) -> None:
    make_trip(eve, state=Trip.State.QUEUED, headline="her secret")
    html = page.get("/health/").content.decode()
    assert "1 waiting" in html
    assert "her secret" not in html
