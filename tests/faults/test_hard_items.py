"""Items that kill, hang, flood or fail, and money that ends in the middle of a swarm."""

import httpx
import pytest

from tests.faults import rows, swarms
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
FAILED = f"SELECT given, error {swarms.ITEMS} AND state = 'failed'"
RECEIVED_CHARS = 8 * 1024 * 1024


def test_an_item_that_kills_its_process_three_times_is_given_up(
    embedded: ServedHome, page: httpx.Client, wire: Vendor
) -> None:
    texts = [*swarms.items(6), "poison", *swarms.items(6, "later")]
    wire.hold_back("poison")
    swarms.start(page, texts, swarms.plan(parallel=2))
    for death in range(1, 4):
        wire.wait(lambda death=death: wire.asked["poison"] == death, "it is under way")
        embedded.kill()
        embedded.start()
    rows.until_state(embedded, "done")
    (given, error), *others = rows.rows(embedded, FAILED)
    assert (given, others) == ("poison", [])
    assert "three times" in error
    assert wire.asked["poison"] == 3
    assert swarms.done(embedded) == set(texts) - {"poison"}
    assert max(wire.asked.values()) <= 3
    assert swarms.breaches(embedded) == []


def test_items_that_hang_flood_or_fail_end_and_hold_nobody_up(
    embedded: ServedHome, page: httpx.Client, wire: Vendor
) -> None:
    embedded.clutch("config", "set", "idle_timeout_s", "1", check=True)
    embedded.stop()
    embedded.start()
    texts = [*swarms.items(5), "hang", "flood", "fail", *swarms.items(5, "later")]
    swarms.start(page, texts, swarms.plan(parallel=4, retries=0))
    rows.until_state(embedded, "done")
    failed = dict(rows.rows(embedded, FAILED))
    assert set(failed) == {"hang", "flood", "fail"}
    assert "8 MiB" in failed["flood"]
    assert swarms.done(embedded) == set(texts) - set(failed)
    wire.wait(lambda: wire.open_calls == 0, "what hung and flooded is closed")
    embedded.clutch("config", "set", "idle_timeout_s", "45", check=True)
    assert rows.one(embedded, swarms.SENT) == wire.asked.total()
    swarms.forgive(page)
    assert swarms.breaches(embedded) == []


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


def test_a_plan_that_explodes_while_it_is_driven_ends_before_it_costs_more(
    embedded: ServedHome, page: httpx.Client, wire: Vendor
) -> None:
    swarms.start(page, [], EXPLODING, pattern="hybrid", task="explode")
    rows.until_state(embedded, "failed")
    (code, error), *_ = rows.rows(
        embedded, "SELECT error_code, error FROM orchestrator_trip WHERE id = {run}"
    )
    assert code == "too_many_items"
    assert "50,001" in error
    assert wire.asked.total() == 1
    assert swarms.breaches(embedded) == []


def test_an_empty_budget_pauses_a_swarm_and_a_grant_lets_it_go_on(
    embedded: ServedHome, page: httpx.Client, wire: Vendor
) -> None:
    texts = swarms.items(30)
    # room for three holds of two thousandths of a dollar, and some calls beside them
    of_vendor = ("--scope", "provider", "--id", "wire")
    embedded.clutch("budget", "set", "0.007", *of_vendor, check=True)
    run = swarms.start(page, texts, swarms.plan(parallel=3))
    rows.until_state(embedded, "paused")
    reason = rows.one(embedded, "SELECT error_code FROM orchestrator_trip WHERE id = {run}")
    kept = swarms.done(embedded)
    assert reason == "budget"
    assert 0 < len(kept) < len(texts)
    assert wire.asked.total() == len(kept)
    embedded.clutch("budget", "grant", "5", *of_vendor, check=True)
    swarms.steer(page, run, "resume")
    rows.until_state(embedded, "done")
    assert set(wire.asked.values()) == {1}
    swarms.assert_whole(embedded, wire, texts)
