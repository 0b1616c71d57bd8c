"""Homes for tests: empty ones, ones that can be used at once, and ones with a running server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installations import Template
from tests.process.served import ServedHome


@pytest.fixture
def home(tmp_path: Path) -> Iterator[ServedHome]:
    """Where nothing was ever started."""
    fresh = ServedHome(tmp_path)
    yield fresh
    fresh.stop()


@pytest.fixture
def used(home: ServedHome, sqlite_template: Template) -> ServedHome:
    """Its database is there already, which a first start needs many seconds for."""
    sqlite_template.copy(home.folder / ".clutch")
    return home


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Template
) -> Iterator[ServedHome]:
    """One server for all the tests of a module; each of them begins chats of its own."""
    shared = ServedHome(tmp_path_factory.mktemp("served"))
    sqlite_template.copy(shared.folder / ".clutch")
    shared.start()
    yield shared
    shared.stop()


@pytest.fixture
def running(used: ServedHome) -> ServedHome:
    used.start()
    return used
