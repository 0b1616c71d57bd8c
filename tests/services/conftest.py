"""The shipped defaults with a demo at the pace that a test wants, and a PostgreSQL for one test."""

from collections.abc import Callable, Iterator

import dj_database_url
import pytest
from django.db import connection, connections, transaction
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from orchestrator.models import Trip, User
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet, seeds
from orchestrator.services.upkeep import startup
from tests.installations import Template

Pace = Callable[[str], None]


@pytest.fixture
def demo_pace(monkeypatch: pytest.MonkeyPatch) -> Pace:
    """The demo's own switch for its pace; everything else of it stays as it ships."""
    original = seeds.defaults

    def at(speed: str) -> None:
        def defaults(group: str) -> object:
            return tuple(
                {**entry, "options": {"speed": speed}} if entry.get("kind") == "demo" else entry
                for entry in original(group)
            )

        monkeypatch.setattr(seeds, "defaults", defaults)

    fleet._load.cache_clear()
    return at


@pytest.fixture
def caller(demo_pace: Pace) -> Caller:
    """The owner at the terminal, with a demo that answers at once."""
    demo_pace("0")
    startup.prepare()
    return owner()


@pytest.fixture
def patient_caller(demo_pace: Pace) -> Caller:
    """The same with a demo that takes its time, so that there is a middle to stop in."""
    demo_pace("2")
    startup.prepare()
    return owner()


def owner() -> Caller:
    return Caller(User.objects.get(is_owner=True).pk, Trip.Source.CLI, is_owner_at_machine=True)


@pytest.fixture(scope="module")
def postgres_handler(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ConnectionHandler:
    template: Template = request.getfixturevalue("postgres_template")
    url = template.copy(tmp_path_factory.mktemp("search") / "home").database_url
    return ConnectionHandler({"default": dj_database_url.parse(url)})


@pytest.fixture
def on_postgres(
    postgres_handler: ConnectionHandler, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The default connection is another for one test, whose work is rolled back."""
    usual, connections["default"] = connections["default"], postgres_handler["default"]
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)
        connection.close()
    finally:
        connections["default"] = usual
