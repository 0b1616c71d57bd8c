"""The mark changes with whatever could change the HTML."""

from collections.abc import Iterator
from importlib import metadata

import pytest

from orchestrator.markdown import edition


@pytest.fixture(autouse=True)
def unknown() -> Iterator[None]:
    edition.current.cache_clear()
    yield
    edition.current.cache_clear()


def test_the_mark_stays_while_nothing_changes() -> None:
    first = edition.current()
    edition.current.cache_clear()
    assert edition.current() == first
    assert 0 < first < 2**63


@pytest.mark.parametrize("library", edition.LIBRARIES)
def test_another_version_of_a_library_makes_another_mark(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = edition.current()
    edition.current.cache_clear()
    known = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99" if name == library else known(name))
    assert edition.current() != before
