"""Worker processes on PostgreSQL and Redis: killed, ended and doubled in the middle of a swarm."""

import sys

import pytest
import redis
from celery import Celery

from tests.faults import rows, swarms
from tests.faults.conftest import LEASE_S
from tests.faults.embedded import SABOTAGED
from tests.faults.scaled import CELERY, Scaled
from tests.faults.swarms import assert_whole, done
from tests.faults.vendor import Vendor
from tests.process.served import CLUTCH

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]
ITEMS = swarms.items(40)
PARALLEL = 6
# Lease, sweep and announcement; with the usual lease of 30 seconds that is 45.
RECOVERED_S = 1.5 * LEASE_S
ATTEMPTS = "SELECT attempts FROM orchestrator_trip WHERE id = {run}"


def begin(cluster: Scaled, wire: Vendor, answered: int) -> None:
    """A swarm stands in the middle: so many items answered, and others under way."""
    wire.answer_only(answered)
    swarms.start(cluster.page, ITEMS, swarms.plan(PARALLEL))
    wire.wait(
        lambda: wire.open_calls == PARALLEL and wire.answered.total() == answered, "it is under way"
    )


@pytest.mark.fault("a worker is killed")
def test_a_killed_worker_s_swarm_goes_on_in_another_one(cluster: Scaled, wire: Vendor) -> None:
    first = cluster.start_worker()
    begin(cluster, wire, 15)
    cluster.start_worker()
    first.kill()
    kept = done(cluster.home)
    wire.answer_all()
    took_s = rows.until(lambda: rows.one(cluster.home, ATTEMPTS) == 2, "it is driven again")
    assert took_s < RECOVERED_S + 5
    rows.until_state(cluster.home, "done")
    assert {wire.asked[item] for item in kept} == {1}
    assert_whole(cluster.home, wire, ITEMS)


@pytest.mark.fault("a driver is asked to end")
def test_a_worker_without_grace_hands_its_swarm_over_at_once(cluster: Scaled, wire: Vendor) -> None:
    first = cluster.start_worker((str(CLUTCH), "worker", "--grace", "0"))
    begin(cluster, wire, 15)
    cluster.start_worker()
    assert first.terminate() == 0
    kept = done(cluster.home)
    wire.answer_all()
    rows.until_state(cluster.home, "done")
    assert len(kept) == 15
    assert {wire.asked[item] for item in kept} == {1}
    assert_whole(cluster.home, wire, ITEMS)


@pytest.mark.fault("a message comes again")
def test_a_message_that_comes_five_times_is_driven_once(cluster: Scaled, wire: Vendor) -> None:
    cluster.start_worker()
    cluster.start_worker()
    begin(cluster, wire, 15)
    run = str(rows.one(cluster.home, "SELECT id FROM orchestrator_trip WHERE id = {run}"))
    with Celery(broker=cluster.redis.url) as app:
        for _ in range(5):
            app.send_task("orchestrator.drive_trip", args=[run], queue="runs")
    wire.answer_all()
    rows.until_state(cluster.home, "done")
    assert rows.one(cluster.home, ATTEMPTS) == 1
    assert set(wire.asked.values()) == {1}
    assert_whole(cluster.home, wire, ITEMS)


@pytest.mark.fault("a step outlives its message")
def test_a_step_longer_than_redis_waits_for_its_end_is_driven_once(
    cluster: Scaled, wire: Vendor
) -> None:
    cluster.start_worker()
    begin(cluster, wire, 15)
    cluster.start_worker((sys.executable, SABOTAGED, "takes_silence_for_death", *CELERY))
    with redis.Redis.from_url(cluster.redis.url) as server:
        # what one has taken was handed to the other, who found it driven and was done with it
        rows.until(lambda: server.hlen("unacked") == 0, "it was delivered again")
    assert wire.open_calls == PARALLEL
    rows.until_renewed(cluster.home, times=3)
    wire.answer_all()
    rows.until_state(cluster.home, "done")
    assert rows.one(cluster.home, ATTEMPTS) == 1
    assert set(wire.asked.values()) == {1}
    assert_whole(cluster.home, wire, ITEMS)
