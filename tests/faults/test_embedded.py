"""One server process with everything in it: killed, ended, restarted in the middle of a swarm."""

import httpx
import pytest

from tests.faults import rows, swarms
from tests.faults.swarms import assert_whole, done
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
RECOVERED_S = 45
ITEMS = swarms.items(60)
HELD = "SELECT COUNT(*) FROM orchestrator_reservation WHERE state = 'held'"


def test_a_killed_server_goes_on_and_nothing_done_is_asked_again(
    embedded: ServedHome, page: httpx.Client, wire: Vendor
) -> None:
    wire.answer_only(25)
    swarms.start(page, ITEMS, swarms.plan(parallel=10))
    wire.wait(lambda: wire.open_calls == 10 and wire.answered.total() == 25, "ten are under way")
    embedded.kill()
    kept = done(embedded)
    assert len(kept) >= 15
    wire.answer_all()
    embedded.start()
    assert rows.until_state(embedded, "done") < RECOVERED_S
    assert {wire.asked[item] for item in kept} == {1}
    assert max(wire.asked.values()) <= 2
    assert_whole(embedded, wire, ITEMS)


def test_a_server_that_is_ended_puts_its_run_back_and_the_next_goes_on(
    embedded: ServedHome, page: httpx.Client, wire: Vendor
) -> None:
    wire.answer_only(25)
    swarms.start(page, ITEMS, swarms.plan(parallel=10))
    wire.wait(lambda: wire.open_calls == 10 and wire.answered.total() == 25, "ten are under way")
    embedded.stop()
    wire.wait(lambda: wire.open_calls == 0, "what was under way is closed")
    kept = done(embedded)
    assert rows.state(embedded) == "queued"
    assert len(kept) == 25
    assert rows.one(embedded, HELD) == 0
    wire.answer_all()
    embedded.start()
    rows.until_state(embedded, "done")
    assert {wire.asked[item] for item in kept} == {1}
    assert_whole(embedded, wire, ITEMS)
