"""A worker whose clock is five minutes off: leases go by the database's clock."""

import sys

import pytest

from tests.faults import rows, swarms
from tests.faults.scaled import Scaled
from tests.faults.swarms import assert_whole
from tests.faults.vendor import Vendor

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]
ITEMS = swarms.items(12)
UNTIL = "SELECT lease_until FROM orchestrator_trip WHERE id = {run}"
AHEAD = "SELECT EXTRACT(EPOCH FROM lease_until - now()) FROM orchestrator_trip WHERE id = {run}"
ATTEMPTS = "SELECT attempts FROM orchestrator_trip WHERE id = {run}"
LEASE_S = 6


@pytest.mark.fault("clocks of processes differ")
@pytest.mark.parametrize("seconds", [300, -300], ids=["fast", "slow"])
def test_a_worker_with_a_wrong_clock_keeps_its_lease(
    cluster: Scaled, wire: Vendor, seconds: int
) -> None:
    cluster.start_worker((sys.executable, "-m", "tests.faults.skewed", str(seconds), "worker"))
    wire.answer_only(5)
    swarms.start(cluster.page, ITEMS, swarms.plan(parallel=3))
    wire.wait(lambda: wire.open_calls == 3, "it is under way")
    first = rows.one(cluster.home, UNTIL)
    # twice renewed is longer than one lease lasts
    for _ in range(3):
        before = rows.one(cluster.home, UNTIL)
        rows.until(lambda before=before: rows.one(cluster.home, UNTIL) > before, "it is renewed")
        assert 0 < float(rows.one(cluster.home, AHEAD)) <= LEASE_S
    assert rows.one(cluster.home, UNTIL) > first
    assert rows.one(cluster.home, ATTEMPTS) == 1
    wire.answer_all()
    rows.until_state(cluster.home, "done")
    assert_whole(cluster.home, wire, ITEMS)
