"""Thousands of items: few words about them, a bounded memory, and a quick pause and end."""

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import chats, rows, swarms
from tests.faults.conftest import Rig
from tests.faults.embedded import Embedded
from tests.faults.vendor import Vendor
from tests.process.served import ServedHome

pytestmark = pytest.mark.process
ITEMS = swarms.items(2_000)
# What a person who asks something meanwhile waits for at most, on a machine that is busy.
ANSWERED_S = 5.0
LONG_S = 150
OPEN = "SELECT COUNT(*) FROM orchestrator_trip WHERE state IN ('queued', 'driving')"
OBEYED_S = 5.0
MOST_GROWTH_KIB = 60 * 1024
MOST_TOLD_PER_S = 2.0
TOLD = "SELECT COUNT(*) FROM orchestrator_tripevent WHERE trip_id = {run} AND kind = 'swarm_moved'"


def resident_kib(home: ServedHome) -> int:
    assert home.process is not None
    status = Path(f"/proc/{home.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])


@pytest.mark.fault("a swarm is large")
def test_thousands_of_items_are_paused_resumed_and_done(rig: Rig, wire: Vendor) -> None:
    wire.delay_s = 0.005
    texts = ITEMS if isinstance(rig, Embedded) else ITEMS[:800]
    run = swarms.start(rig.page, texts, swarms.plan(parallel=20))
    wire.wait(lambda: wire.answered.total() >= len(texts) // 5, "a fifth is done", LONG_S)
    before_kib = resident_kib(rig.home)
    swarms.steer(rig.page, run, "pause")
    assert rows.until_state(rig.home, "paused") < OBEYED_S
    assert wire.open_calls == 0
    swarms.steer(rig.page, run, "resume")
    assert rig.page.get("/healthz").status_code == 200
    took_s = rows.until_state(rig.home, "done", timeout_s=LONG_S)
    told = rows.one(rig.home, TOLD)
    assert told > 0
    assert resident_kib(rig.home) - before_kib < MOST_GROWTH_KIB
    assert wire.most_open <= 20
    swarms.assert_whole(rig.home, wire, texts)
    assert per_second(rig.home) <= MOST_TOLD_PER_S, took_s


@pytest.mark.fault("a swarm is large")
def test_a_question_does_not_wait_for_a_large_swarm(rig: Rig, wire: Vendor) -> None:
    wire.delay_s = 0.005
    run = swarms.start(rig.page, ITEMS, swarms.plan(parallel=20))
    wire.wait(lambda: wire.answered.total() >= 100, "it is under way", LONG_S)
    asked_at = time.monotonic()
    chats.ask(rig.page, "Say something")
    wire.wait(lambda: "Say something" in wire.answered, "it is answered")
    assert time.monotonic() - asked_at < ANSWERED_S
    assert len(wire.answered) < len(ITEMS)
    swarms.steer(rig.page, run, "cancel")
    rows.until(lambda: rows.one(rig.home, OPEN) == 0, "both have ended")
    assert swarms.breaches(rig.home) == []


def per_second(home: ServedHome) -> float:
    """How often the page was told in the busiest ten seconds."""
    times = rows.rows(
        home,
        "SELECT created_at FROM orchestrator_tripevent "
        "WHERE trip_id = {run} AND kind = 'swarm_moved' ORDER BY seq",
    )
    tens = Counter(str(moment)[:18] for (moment,) in times)
    return max(tens.values()) / 10 - 0.1


@pytest.mark.fault("a swarm is large")
def test_a_cancelled_swarm_ends_within_seconds_and_is_accounted_for(rig: Rig, wire: Vendor) -> None:
    wire.delay_s = 0.005
    run = swarms.start(rig.page, ITEMS, swarms.plan(parallel=20))
    wire.wait(lambda: wire.answered.total() >= 200, "a tenth is done", LONG_S)
    swarms.steer(rig.page, run, "cancel")
    assert rows.until_state(rig.home, "stopped") < OBEYED_S
    wire.wait(lambda: wire.open_calls == 0, "what was under way is closed")
    states = Counter(row["state"] for row in swarms.results(rig.home))
    assert states.total() == len(ITEMS)
    assert states["done"] >= 200
    swarms.assert_all_in_the_books(rig.home, wire)
    assert swarms.breaches(rig.home) == []
