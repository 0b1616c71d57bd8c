"""A fresh home for each test that wants one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.served import ServedHome


@pytest.fixture
def home(tmp_path: Path) -> Iterator[ServedHome]:
    fresh = ServedHome(tmp_path)
    yield fresh
    fresh.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHome]:
    """One server for all the tests of a module; each of them begins chats of its own."""
    shared = ServedHome(tmp_path_factory.mktemp("served"))
    shared.start()
    yield shared
    shared.stop()


@pytest.fixture
def running(home: ServedHome) -> ServedHome:
    home.start()
    return home
