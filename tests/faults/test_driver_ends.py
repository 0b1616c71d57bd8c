"""Drivers in either mode that are asked to end, that drive long, or hear everything five times."""

import pytest

from tests.faults import rows, swarms
from tests.faults.conftest import Rig
from tests.faults.embedded import Embedded, serving_with
from tests.faults.swarms import assert_whole
from tests.faults.vendor import Vendor

pytestmark = pytest.mark.process
ITEMS = swarms.items(40)
PARALLEL = 6
# Long enough that all items together take longer than a signal to be heard.
NEXT_S = 0.5
ATTEMPTS = "SELECT attempts FROM orchestrator_trip WHERE id = {run}"


def begin(rig: Rig, wire: Vendor) -> None:
    wire.answer_only(15)
    swarms.start(rig.page, ITEMS, swarms.plan(PARALLEL))
    wire.wait(
        lambda: wire.open_calls == PARALLEL and wire.answered.total() == 15, "it is under way"
    )


@pytest.mark.fault("a driver is asked to end")
def test_a_driver_that_is_asked_to_end_begins_nothing_new_and_finishes_what_it_has(
    rig: Rig, wire: Vendor
) -> None:
    begin(rig, wire)
    wire.delay_s = NEXT_S
    rig.tell_driver_to_end()
    wire.answer_all()
    rig.wait_for_driver()
    assert rows.state(rig.home) == "queued"
    assert rows.one(rig.home, swarms.CUT) == 0
    assert wire.answered == wire.asked
    assert len(wire.asked) < len(ITEMS)
    wire.delay_s = 0
    rig.start_driver()
    rows.until_state(rig.home, "done")
    assert set(wire.asked.values()) == {1}
    assert_whole(rig.home, wire, ITEMS)


@pytest.mark.fault("a step outlives its message")
def test_a_step_that_takes_longer_than_a_lease_is_driven_once(
    alone: Embedded, wire: Vendor
) -> None:
    begin(alone, wire)
    rows.until_renewed(alone.home, times=3)
    wire.answer_all()
    rows.until_state(alone.home, "done")
    assert rows.one(alone.home, ATTEMPTS) == 1
    assert set(wire.asked.values()) == {1}
    assert_whole(alone.home, wire, ITEMS)


@pytest.mark.fault("a message comes again")
def test_what_a_server_tells_itself_five_times_is_driven_once(
    alone: Embedded, wire: Vendor
) -> None:
    with serving_with(alone.home, "says_everything_five_times"):
        begin(alone, wire)
        wire.answer_all()
        rows.until_state(alone.home, "done")
    assert rows.one(alone.home, ATTEMPTS) == 1
    assert set(wire.asked.values()) == {1}
    assert_whole(alone.home, wire, ITEMS)
