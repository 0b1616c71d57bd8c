"""Redis emptied, stalled, restarted, and PostgreSQL restarted, in the middle of a swarm."""

import time

import httpx
import pytest
import redis

from tests.faults import chats, rows, swarms
from tests.faults.scaled import Scaled
from tests.faults.swarms import assert_whole, done
from tests.faults.tabs import Tab
from tests.faults.vendor import Vendor

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]
ITEMS = swarms.items(40)
FEW = swarms.items(3, "other")
PARALLEL = 6
NO_REQUEST_LONGER_S = 2.0
QUESTIONS, CUTS = 10, 10
WAITING = "SELECT COUNT(*) FROM orchestrator_trip WHERE state = 'queued'"
OPEN = "SELECT COUNT(*) FROM orchestrator_trip WHERE state IN ('queued', 'driving')"
# How soon after all its connections were cut a worker takes something again.
BACK_S = 30.0
STATES = "SELECT state FROM orchestrator_trip ORDER BY id DESC LIMIT 2"


def begin(cluster: Scaled, wire: Vendor) -> str:
    """The id of the run."""
    cluster.start_worker()
    wire.answer_only(15)
    run = swarms.start(cluster.page, ITEMS, swarms.plan(PARALLEL))
    wire.wait(lambda: wire.open_calls == PARALLEL, "it is under way")
    return run


def until_both_are_done(cluster: Scaled) -> None:
    both = [("done",), ("done",)]
    rows.until(lambda: rows.rows(cluster.home, STATES) == both, "both runs are done")


@pytest.mark.fault("Redis comes back empty")
def test_what_an_emptied_redis_forgot_is_announced_again(cluster: Scaled, wire: Vendor) -> None:
    swarms.start(cluster.page, FEW, swarms.plan())  # nobody is there to take it
    with redis.Redis.from_url(cluster.redis.url) as server:
        assert server.llen("runs") == 1
        server.flushall()
    begin(cluster, wire)
    with redis.Redis.from_url(cluster.redis.url) as server:
        server.flushall()
    wire.answer_all()
    until_both_are_done(cluster)
    assert set(wire.asked.values()) == {1}
    assert swarms.breaches(cluster.home) == []


@pytest.mark.fault("Redis stalls")
def test_a_stalled_redis_holds_up_no_request_and_no_swarm(cluster: Scaled, wire: Vendor) -> None:
    begin(cluster, wire)
    slow = Slowest(cluster.page)
    cluster.redis.stall()
    wire.answer_all()
    for path in ("/healthz", "/readyz", "/runs/", "/chat/", "/runs/new/"):
        slow.get(path)
    rows.until_state(cluster.home, "done")
    assert_whole(cluster.home, wire, ITEMS)
    slow.start(FEW)
    slow.get("/healthz")
    assert rows.state(cluster.home) == "queued"
    cluster.redis.go_on()
    rows.until_state(cluster.home, "done")
    assert slow.worst_s < NO_REQUEST_LONGER_S
    assert swarms.breaches(cluster.home) == []


class Slowest:
    """Uses the page, and remembers the longest that a request took."""

    def __init__(self, page: httpx.Client) -> None:
        self.page = page
        self.worst_s = 0.0
        page.event_hooks = {"request": [self._begin], "response": [self._end]}

    def _begin(self, request: httpx.Request) -> None:
        request.extensions["began"] = time.monotonic()

    def _end(self, response: httpx.Response) -> None:
        took_s = time.monotonic() - response.request.extensions["began"]
        self.worst_s = max(self.worst_s, took_s)

    def get(self, path: str) -> None:
        assert self.page.get(path).status_code == 200

    def start(self, texts: list[str]) -> None:
        swarms.start(self.page, texts, swarms.plan())


@pytest.mark.fault("Redis is down")
def test_a_redis_that_comes_back_empty_has_lost_nothing(cluster: Scaled, wire: Vendor) -> None:
    run = begin(cluster, wire)
    with Tab(cluster.home, cluster.page) as tab:
        tab.follow(run)
        seen = tab.read()
        cluster.redis.stop()
        wire.answer_all()
        # told of by the database alone
        rest = tab.read_until_over()
    assert [frame["seq"] for frame in [seen, *rest[:-1]]] == [*range(1, len(rest) + 1)]
    assert rows.state(cluster.home) == "done"
    assert_whole(cluster.home, wire, ITEMS)
    slow = Slowest(cluster.page)
    slow.start(FEW)  # accepted, and waits
    questions = [f"Say {number}" for number in range(QUESTIONS)]
    for question in questions:
        chats.ask(cluster.page, question)
    slow.get("/healthz")
    assert slow.worst_s < NO_REQUEST_LONGER_S
    assert rows.one(cluster.home, WAITING) == QUESTIONS + 1
    cluster.redis.start()
    rows.until(lambda: rows.one(cluster.home, OPEN) == 0, "all of them are answered")
    assert {wire.asked[question] for question in questions} == {1}
    assert {wire.answered[text] for text in [*FEW, *questions]} == {1}
    assert swarms.breaches(cluster.home) == []


@pytest.mark.fault("Redis cuts connections")
def test_workers_go_on_taking_runs_when_redis_cuts_all_connections(
    cluster: Scaled, wire: Vendor
) -> None:
    begin(cluster, wire)
    with redis.Redis.from_url(cluster.redis.url) as server:
        for _ in range(CUTS):
            # one after the other has come back, so that each is cut in the middle of something
            rows.until(lambda: other_connections(server) > 0, "they are connected again")
            server.client_kill_filter(_type="normal", skipme=True)
            server.client_kill_filter(_type="pubsub", skipme=True)
    swarms.start(cluster.page, FEW, swarms.plan())
    began = time.monotonic()
    wire.wait(lambda: set(FEW) <= set(wire.asked), "the new run is taken", BACK_S + 5)
    assert time.monotonic() - began < BACK_S
    wire.answer_all()
    until_both_are_done(cluster)
    assert set(wire.asked.values()) == {1}
    assert swarms.breaches(cluster.home) == []


def other_connections(server: "redis.Redis") -> int:
    return len(server.client_list()) - 1


def test_a_postgres_that_restarts_in_mid_swarm_costs_no_answer(
    cluster: Scaled, wire: Vendor
) -> None:
    begin(cluster, wire)
    kept = done(cluster.home)
    cluster.postgres.crash()
    cluster.postgres.start()
    wire.answer_all()
    rows.until_state(cluster.home, "done")
    assert {wire.asked[item] for item in kept} == {1}
    assert max(wire.asked.values()) <= 2
    assert_whole(cluster.home, wire, ITEMS)
