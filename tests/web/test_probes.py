"""What machines ask: alive, ready, numbers; and who may read the numbers."""

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from orchestrator.models import Alert, Breaker, Reservation, Trip, User
from orchestrator.services.people import tokens
from orchestrator.services.people.tokens import Scope
from orchestrator.web import metrics, probes

from .conftest import NOW, MakeTrip, add_leg, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Iterator[None]:
    """A thread with the name of the embedded worker."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name=probes.WORKER_THREAD, daemon=True)
    thread.start()
    yield
    end.set()
    thread.join()


def test_alive_says_nothing_and_asks_nobody(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.usefixtures("worker")
def test_ready_when_database_migrations_and_worker_are_there() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "missing": []})


def test_not_ready_without_the_embedded_worker(settings: Settings) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["worker"])
    settings.IS_EMBEDDED = False
    assert Client().get("/readyz").status_code == 200


@pytest.mark.usefixtures("worker")
def test_not_ready_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("password=secret refused")

    monkeypatch.setattr(probes.connection, "cursor", fail)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])
    assert b"secret" not in answer.content


def test_numbers_are_for_administrators_and_their_tokens(
    page: Client, root: User, ada: User
) -> None:
    assert Client().get("/metrics").status_code == 401
    assert page.get("/metrics").status_code == 401
    assert signed_in(root).get("/metrics").status_code == 200
    good = tokens.create(root, "prometheus", scopes=[Scope.METRICS])
    other = tokens.create(ada, "laptop")
    for value, status in ((good.value, 200), (other.value, 401), ("clk_x", 401)):
        headers = {"authorization": f"Bearer {value}"}
        assert Client().get("/metrics", headers=headers).status_code == status
    tokens.revoke(root, good.token.public_id, timezone.now())
    headers = {"authorization": f"Bearer {good.value}"}
    assert Client().get("/metrics", headers=headers).status_code == 401


def test_a_wrong_token_is_not_saved_by_a_session(root: User) -> None:
    answer = signed_in(root).get("/metrics", headers={"authorization": "Bearer clk_x"})
    assert answer.status_code == 401


def test_the_numbers_are_exact_and_in_the_text_format(make_trip: MakeTrip) -> None:
    trip = make_trip(state=Trip.State.DRIVING)
    leg = add_leg(trip, cost_nano=1_234_567_891, gear='a"b\\c\nd')
    add_leg(trip, attempt=2, cost_nano=5, currency="demo")
    Reservation.objects.create(
        leg=leg, amount_nano=20_000_000, currency="usd", expires_at=NOW, period_ids=[]
    )
    Breaker.objects.create(provider="p", model_id="m", state="open")
    Breaker.objects.create(provider="p", model_id="n", state="closed")
    Alert.objects.create(kind="x", subject="s", message="m")
    lines = metrics.text().splitlines()
    for line in (
        'clutch_trips{state="driving"} 1',
        'clutch_trips{state="failed"} 0',
        r'clutch_legs{gear="a\"b\\c\nd",state="done"} 1',
        'clutch_cost_usd{currency="usd"} 1.234567891',
        'clutch_cost_usd{currency="demo"} 0.000000005',
        'clutch_reserved_usd{currency="usd"} 0.020000000',
        "clutch_breakers_open 1",
        "clutch_alerts 1",
    ):
        assert line in lines
    assert all(line.startswith(("# HELP ", "# TYPE ", "clutch_")) for line in lines)
