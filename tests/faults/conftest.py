"""A vendor for each test run, and two installations that all tests share."""

from collections.abc import Iterator

import httpx
import pytest

from tests.faults import scaled, swarms, vendor
from tests.faults.scaled import Scaled
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

LEASE_S = 6


@pytest.fixture(scope="session")
def shared_vendor() -> Iterator[Vendor]:
    with vendor.served() as served:
        yield served


@pytest.fixture
def wire(shared_vendor: Vendor) -> Iterator[Vendor]:
    """The vendor, without memory of earlier tests."""
    shared_vendor.forget()
    yield shared_vendor
    shared_vendor.answer_all()


@pytest.fixture(scope="session")
def embedded(
    tmp_path_factory: pytest.TempPathFactory, shared_vendor: Vendor
) -> Iterator[ServedHome]:
    """One server with SQLite and workers of its own."""
    home = ServedHome(tmp_path_factory.mktemp("embedded"), {"CLUTCH_LEASE_S": str(LEASE_S)})
    try:
        home.start()
        swarms.connect(home, shared_vendor)
        yield home
    finally:
        home.stop()


@pytest.fixture(scope="session")
def page(embedded: ServedHome) -> Iterator[httpx.Client]:
    with swarms.reader(embedded) as signed_in:
        yield signed_in


@pytest.fixture(scope="session")
def shared_scaled(
    tmp_path_factory: pytest.TempPathFactory, shared_vendor: Vendor
) -> Iterator[Scaled]:
    with scaled.served(tmp_path_factory.mktemp("scaled"), shared_vendor, LEASE_S) as made:
        yield made


@pytest.fixture
def cluster(shared_scaled: Scaled, wire: Vendor) -> Iterator[Scaled]:
    """Without workers; each test starts its own."""
    yield shared_scaled
    shared_scaled.redis.go_on()
    shared_scaled.redis.start()
    wire.answer_all()
    shared_scaled.kill_workers()
