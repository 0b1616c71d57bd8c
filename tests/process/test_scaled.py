"""The same code on PostgreSQL and Redis, with a worker process of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.process.chatting import LONG, send
from tests.process.served import ServedHome
from tests.process.workers import Worker

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture
def scaled(tmp_path: Path) -> Iterator[ServedHome]:
    with servers.postgres() as database_url, servers.redis() as redis_url:
        home = ServedHome(tmp_path, {"DATABASE_URL": database_url, "REDIS_URL": redis_url})
        home.start()
        yield home
        home.stop()


def test_a_page_s_trip_is_driven_by_the_worker_and_followed_by_the_web_process(
    scaled: ServedHome,
) -> None:
    with httpx.Client(base_url=scaled.url, follow_redirects=True, trust_env=False) as reader:
        reader.get(scaled.link)
        trip = send(reader, scaled, "Say hello")
        worker = Worker(scaled)
        worker.start()
        try:
            events = reader.get(f"{trip}events/", timeout=60).text
        finally:
            assert worker.stop() == 0
    assert events.count("event: trip_finished") == 1
    shown = scaled.clutch_json("last")
    assert (shown["state"], shown["source"]) == ("done", "page")
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_worker_that_is_asked_to_end_settles_the_answer_it_was_giving(
    scaled: ServedHome,
) -> None:
    worker = Worker(scaled, ("--grace", "0"))
    with (
        ExitStack() as ended,
        httpx.Client(
            base_url=scaled.url, follow_redirects=True, trust_env=False, timeout=60
        ) as reader,
    ):
        worker.start()
        ended.callback(worker.stop)
        reader.get(scaled.link)
        trip = send(reader, scaled, LONG)
        with reader.stream("GET", f"{trip}events/") as answer:
            lines = answer.iter_lines()
            next(line for line in lines if line == "event: text")
            assert worker.stop() == 0
            assert "event: trip_finished" in list(lines)
    shown = scaled.clutch_json("last")
    assert (shown["state"], bool(shown["answer"])) == ("stalled", True)
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_worker_without_redis_says_what_to_set(tmp_path: Path) -> None:
    done = ServedHome(tmp_path).clutch("worker")
    assert done.returncode == 2
    assert "REDIS_URL" in done.stderr
