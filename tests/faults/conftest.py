"""A vendor for each test run, and an installation of each mode that all tests share."""

from collections.abc import Iterator

import pytest

from tests.faults import embedded, scaled, vendor
from tests.faults.embedded import Embedded
from tests.faults.scaled import Scaled
from tests.faults.vendor import Vendor
from tests.installations import Template

LEASE_S = 6
Rig = Embedded | Scaled


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
def shared_embedded(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Template, shared_vendor: Vendor
) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("embedded")
    with embedded.served(folder, sqlite_template, shared_vendor, LEASE_S) as made:
        yield made


@pytest.fixture(scope="session")
def shared_scaled(
    tmp_path_factory: pytest.TempPathFactory, shared_vendor: Vendor
) -> Iterator[Scaled]:
    with scaled.served(tmp_path_factory.mktemp("scaled"), shared_vendor, LEASE_S) as made:
        yield made


@pytest.fixture
def alone(shared_embedded: Embedded, wire: Vendor) -> Embedded:
    """A server that drives by itself."""
    shared_embedded.start_driver()
    return shared_embedded


@pytest.fixture
def cluster(shared_scaled: Scaled, wire: Vendor) -> Iterator[Scaled]:
    """Without workers; each test starts its own."""
    shared_scaled.kill_workers()
    shared_scaled.start_page()
    yield shared_scaled
    shared_scaled.redis.go_on()
    shared_scaled.redis.start()
    wire.answer_all()
    shared_scaled.kill_workers()


@pytest.fixture
def manned(shared_scaled: Scaled, wire: Vendor) -> Scaled:
    """The cluster with a worker, perhaps that of the test before."""
    shared_scaled.start_driver()
    return shared_scaled


@pytest.fixture(
    params=[
        pytest.param("alone", id="embedded"),
        pytest.param("manned", marks=[pytest.mark.postgres, pytest.mark.redis], id="scaled"),
    ]
)
def rig(request: pytest.FixtureRequest) -> Rig:
    """The same test in both modes, with somebody to drive."""
    made: Rig = request.getfixturevalue(request.param)
    return made
