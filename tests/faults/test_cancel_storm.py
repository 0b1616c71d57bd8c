"""Runs that are ended at the very moment they finish: one end each, settled once."""

import random

import pytest

from tests.faults import rows, swarms
from tests.faults.conftest import Rig
from tests.faults.vendor import Vendor

pytestmark = pytest.mark.process
RUNS, ITEMS_EACH, SEED = 24, 4, 20261121
OPEN = "SELECT COUNT(*) FROM orchestrator_trip WHERE state IN ('queued', 'driving', 'paused')"
MINE = f"(SELECT id FROM orchestrator_trip ORDER BY id DESC LIMIT {RUNS})"
ENDS = (
    "SELECT COUNT(*) FROM orchestrator_tripevent "
    f"WHERE kind = 'trip_finished' AND trip_id IN {MINE} GROUP BY trip_id"
)
STATES = f"SELECT DISTINCT state FROM orchestrator_trip WHERE id IN {MINE}"
HELD = "SELECT COUNT(*) FROM orchestrator_reservation WHERE state = 'held'"
ALL_SENT = f"SELECT COUNT(*) FROM orchestrator_leg WHERE sent_at IS NOT NULL AND trip_id IN {MINE}"


@pytest.mark.fault("a cancel meets an end")
def test_an_end_that_races_a_cancel_is_one_end(rig: Rig, wire: Vendor) -> None:
    moments = random.Random(SEED)
    for number in range(RUNS):
        asked_before = wire.asked.total()
        texts = swarms.items(ITEMS_EACH, f"run {number} item")
        run = swarms.start(rig.page, texts, swarms.plan(parallel=2))
        seen = moments.randrange(ITEMS_EACH + 1)
        wire.wait_for_calls(asked_before + seen)
        swarms.steer(rig.page, run, "cancel")  # may come too late, which is told
    rows.until(lambda: rows.one(rig.home, OPEN) == 0, "all have ended")
    assert rows.rows(rig.home, ENDS) == [(1,)] * RUNS
    assert {state for (state,) in rows.rows(rig.home, STATES)} <= {"done", "stopped"}
    assert rows.one(rig.home, HELD) == 0
    assert rows.one(rig.home, ALL_SENT) >= wire.asked.total()
    assert swarms.breaches(rig.home) == []
