"""Items that kill, hang, flood or fail, and money that ends in the middle of a swarm."""

import os
import signal
import sys

import pytest

from tests.faults import rows, swarms
from tests.faults.conftest import Rig
from tests.faults.embedded import Embedded
from tests.faults.scaled import FORKING, Scaled
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
FAILED = f"SELECT given, error {swarms.ITEMS} AND state = 'failed'"
RECEIVED_CHARS = 8 * 1024 * 1024


POISONED = [*swarms.items(20), "poison", *swarms.items(20, "later")]


@pytest.mark.fault("an item kills its driver")
def test_an_item_that_kills_its_server_three_times_is_given_up(
    alone: Embedded, wire: Vendor
) -> None:
    wire.hold_back("poison")
    swarms.start(alone.page, POISONED, swarms.plan(parallel=4))
    for death in range(1, 4):
        wire.wait(lambda death=death: wire.asked["poison"] == death, "it is under way")
        alone.home.kill()
        alone.home.start()
    rows.until_state(alone.home, "done")
    assert_only_the_poison_was_given_up(alone.home, wire)


@pytest.mark.fault("a worker's process is killed")
@pytest.mark.fault("an item kills its driver")
@pytest.mark.postgres
@pytest.mark.redis
def test_an_item_that_kills_a_worker_s_process_three_times_is_given_up(
    cluster: Scaled, wire: Vendor
) -> None:
    wire.hold_back("poison")
    cluster.start_worker((sys.executable, *FORKING, "--concurrency", "2"))
    swarms.start(cluster.page, POISONED, swarms.plan(parallel=4))
    for death in range(1, 4):
        wire.wait(lambda death=death: wire.asked["poison"] == death, "it is under way")
        os.kill(cluster.driving_process(), signal.SIGKILL)
    rows.until_state(cluster.home, "done")
    # the others of its processes were never touched
    assert cluster.workers[0].is_running
    assert_only_the_poison_was_given_up(cluster.home, wire)


def assert_only_the_poison_was_given_up(home: ServedHome, wire: Vendor) -> None:
    (given, error), *others = rows.rows(home, FAILED)
    assert (given, others) == ("poison", [])
    assert "three times" in error
    assert wire.asked["poison"] == 3
    assert swarms.done(home) == set(POISONED) - {"poison"}
    assert max(wire.asked.values()) <= 3
    swarms.assert_all_in_the_books(home, wire)
    assert swarms.breaches(home) == []


@pytest.mark.fault("a model never stops")
def test_items_that_hang_flood_or_fail_end_and_hold_nobody_up(rig: Rig, wire: Vendor) -> None:
    texts = [*swarms.items(5), "hang", "flood", "fail", *swarms.items(5, "later")]
    swarms.start(rig.page, texts, swarms.plan(parallel=4, retries=0))
    rows.until_state(rig.home, "done")
    failed = dict(rows.rows(rig.home, FAILED))
    assert set(failed) == {"hang", "flood", "fail"}
    assert "8 MiB" in failed["flood"]
    assert swarms.done(rig.home) == set(texts) - set(failed)
    wire.wait(lambda: wire.open_calls == 0, "what hung and flooded is closed")
    assert rows.one(rig.home, swarms.SENT) == wire.asked.total()
    swarms.forgive(rig.page)
    assert swarms.breaches(rig.home) == []


EXPLODING = """[[phases]]
name = "list"
pattern = "convoy"
[[phases.steps]]
name = "list"
gear = "wire-1"
[[phases]]
name = "each"
pattern = "swarm"
[phases.each]
name = "item"
gear = "wire-1"
"""


@pytest.mark.fault("a plan explodes")
def test_a_plan_that_explodes_while_it_is_driven_ends_before_it_costs_more(
    rig: Rig, wire: Vendor
) -> None:
    swarms.start(rig.page, [], EXPLODING, pattern="hybrid", task="explode")
    rows.until_state(rig.home, "failed")
    (code, error), *_ = rows.rows(
        rig.home, "SELECT error_code, error FROM orchestrator_trip WHERE id = {run}"
    )
    assert code == "too_many_items"
    assert "50,001" in error
    assert wire.asked.total() == 1
    assert swarms.breaches(rig.home) == []


@pytest.mark.fault("a budget ends in a swarm")
def test_an_empty_budget_pauses_a_swarm_and_a_grant_lets_it_go_on(rig: Rig, wire: Vendor) -> None:
    texts = swarms.items(30)
    # room for three holds of two thousandths of a dollar, and some calls beside them
    of_vendor = ("--scope", "provider", "--id", "wire")
    rig.home.clutch("budget", "set", "0.007", *of_vendor, check=True)
    run = swarms.start(rig.page, texts, swarms.plan(parallel=3))
    rows.until_state(rig.home, "paused")
    reason = rows.one(rig.home, "SELECT error_code FROM orchestrator_trip WHERE id = {run}")
    kept = swarms.done(rig.home)
    assert reason == "budget"
    assert 0 < len(kept) < len(texts)
    assert wire.asked.total() == len(kept)
    rig.home.clutch("budget", "grant", "100000", *of_vendor, check=True)
    swarms.steer(rig.page, run, "resume")
    rows.until_state(rig.home, "done")
    assert set(wire.asked.values()) == {1}
    swarms.assert_whole(rig.home, wire, texts)
