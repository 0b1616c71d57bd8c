"""Prints which faults the tests of some files bring about, and in which mode each of them runs."""

import json
import sys

import pytest

from tests.faults.catalogue import EMBEDDED, SCALED


class Collected:
    """A plugin of pytest's; the tests are found and not run."""

    def __init__(self) -> None:
        self.shown: set[tuple[str, str]] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            mode = SCALED if item.get_closest_marker("postgres") else EMBEDDED
            self.shown |= {(mark.args[0], mode) for mark in item.iter_markers("fault")}


if __name__ == "__main__":
    collected = Collected()
    status = pytest.main(["--collect-only", "-qq", *sys.argv[1:]], plugins=[collected])
    print(json.dumps(sorted(collected.shown)))
    sys.exit(status)
