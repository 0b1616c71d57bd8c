"""The same code on PostgreSQL and Redis, with a worker process of its own."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests import servers
from tests.installations import Template
from tests.process.chatting import LONG, send
from tests.process.served import ServedHome
from tests.process.workers import Worker

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture(scope="module")
def scaled(
    tmp_path_factory: pytest.TempPathFactory, postgres_template: Template
) -> Iterator[ServedHome]:
    folder = tmp_path_factory.mktemp("scaled")
    installation = postgres_template.copy(folder / ".clutch")
    with servers.redis() as redis_url:
        addresses = {"DATABASE_URL": installation.database_url, "REDIS_URL": redis_url}
        home = ServedHome(folder, addresses)
        home.start()
        yield home
        home.stop()


@pytest.fixture
def reader(scaled: ServedHome) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=scaled.url, follow_redirects=True, trust_env=False, timeout=60
    ) as client:
        client.get(scaled.new_link())
        yield client


def test_a_page_s_trip_is_driven_by_the_worker_and_followed_by_the_web_process(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    trip = send(reader, scaled, "Say hello")
    worker = Worker(scaled)
    worker.start()
    try:
        events = reader.get(f"{trip}events/").text
    finally:
        assert worker.stop() == 0
    assert events.count("event: trip_finished") == 1
    shown = scaled.clutch_json("last")
    assert (shown["state"], shown["source"]) == ("done", "page")
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


@pytest.mark.fault("a server is ended")
def test_a_worker_that_is_asked_to_end_settles_the_answer_it_was_giving(
    scaled: ServedHome, reader: httpx.Client
) -> None:
    worker = Worker(scaled, ("--grace", "0"))
    with ExitStack() as ended:
        worker.start()
        ended.callback(worker.stop)
        trip = send(reader, scaled, LONG)
        with reader.stream("GET", f"{trip}events/") as answer:
            lines = answer.iter_lines()
            next(line for line in lines if line == "event: text")
            assert worker.stop() == 0
            assert "event: trip_finished" in list(lines)
    shown = scaled.clutch_json("last")
    assert (shown["state"], bool(shown["answer"])) == ("stalled", True)
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_worker_without_redis_says_what_to_set(used: ServedHome) -> None:
    done = used.clutch("worker")
    assert done.returncode == 2
    assert "REDIS_URL" in done.stderr
