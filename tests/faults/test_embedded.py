"""One server process with everything in it: killed, ended, restarted in the middle of a swarm."""

import pytest

from tests.faults import rows, swarms
from tests.faults.embedded import Embedded
from tests.faults.swarms import assert_whole, done
from tests.faults.vendor import Vendor

pytestmark = pytest.mark.process
RECOVERED_S = 45
ITEMS = swarms.items(60)
HELD = "SELECT COUNT(*) FROM orchestrator_reservation WHERE state = 'held'"


@pytest.mark.fault("a driver dies with money held")
def test_a_killed_server_goes_on_and_nothing_done_is_asked_again(
    alone: Embedded, wire: Vendor
) -> None:
    wire.answer_only(25)
    swarms.start(alone.page, ITEMS, swarms.plan(parallel=10))
    wire.wait(lambda: wire.open_calls == 10 and wire.answered.total() == 25, "ten are under way")
    alone.home.kill()
    kept = done(alone.home)
    assert len(kept) >= 15
    wire.answer_all()
    alone.home.start()
    assert rows.until_state(alone.home, "done") < RECOVERED_S
    assert {wire.asked[item] for item in kept} == {1}
    assert max(wire.asked.values()) <= 2
    assert_whole(alone.home, wire, ITEMS)


@pytest.mark.fault("a driver is asked to end")
def test_a_server_that_is_ended_puts_its_run_back_and_the_next_goes_on(
    alone: Embedded, wire: Vendor
) -> None:
    wire.answer_only(25)
    swarms.start(alone.page, ITEMS, swarms.plan(parallel=10))
    wire.wait(lambda: wire.open_calls == 10 and wire.answered.total() == 25, "ten are under way")
    alone.home.stop()
    wire.wait(lambda: wire.open_calls == 0, "what was under way is closed")
    kept = done(alone.home)
    assert rows.state(alone.home) == "queued"
    assert len(kept) == 25
    assert rows.one(alone.home, HELD) == 0
    wire.answer_all()
    alone.home.start()
    rows.until_state(alone.home, "done")
    assert {wire.asked[item] for item in kept} == {1}
    assert_whole(alone.home, wire, ITEMS)
