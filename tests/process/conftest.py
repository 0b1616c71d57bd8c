"""A fresh installation for each test that wants one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    fresh = Installation(tmp_path)
    yield fresh
    fresh.stop()


@pytest.fixture
def running(installation: Installation) -> Installation:
    installation.start()
    return installation
