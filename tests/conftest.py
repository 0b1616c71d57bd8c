"""What all tests share: no network beyond this machine, real servers, whole installations.

Their private home is made earlier, in `tests.environment`.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.db import connection
from pytest_socket import socket_allow_hosts

from orchestrator.services.setup import fleet
from tests import servers
from tests.installations import Installation, Template

REAL_TRANSACTIONS = {"transactional_db", "live_server", "django_db_reset_sequences"}
PROTECTIONS = [
    import_module(f"orchestrator.migrations.{name}")
    for name in ("0002_protect_ledger", "0013_people")
]


@pytest.fixture(autouse=True)
def only_this_machine() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Every test has a database of its own: nothing that was read from another holds."""
    fleet._load.cache_clear()
    for alias in caches:
        caches[alias].clear()


@pytest.fixture(autouse=True)
def emptied_ledger(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with real transactions end by deleting all rows, which append-only tables refuse."""
    marker = request.node.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction", False)
    if not is_marked and not REAL_TRANSACTIONS & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    editor = SimpleNamespace(connection=connection)
    for protection in PROTECTIONS:
        protection.protect(None, editor)
    yield
    for protection in PROTECTIONS:
        protection.unprotect(None, editor)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL with an empty database; fails when it is not installed."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis; fails when it is not installed."""
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.migrated(tmp_path_factory.mktemp("template"), "")


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Template:
    return Template.migrated(tmp_path_factory.mktemp("template"), postgres_url)


@pytest.fixture
def sqlite_installation(sqlite_template: Template, tmp_path: Path) -> Installation:
    """A migrated home of its own with a SQLite file, for real processes."""
    return sqlite_template.copy(tmp_path / "home")


@pytest.fixture
def postgres_installation(postgres_template: Template, tmp_path: Path) -> Installation:
    """A migrated home of its own with a database on the real PostgreSQL, for real processes."""
    return postgres_template.copy(tmp_path / "home")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest) -> Installation:
    """The same test on both databases."""
    made: Installation = request.getfixturevalue(f"{request.param}_installation")
    return made
