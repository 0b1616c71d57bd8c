"""The same code on PostgreSQL and Redis, with a worker process of its own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.process.chatting import send
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
        worker = Worker.of(scaled)
        worker.start()
        try:
            events = reader.get(f"{trip}events/", timeout=60).text
        finally:
            assert worker.stop() == 0
    assert events.count("event: trip_finished") == 1
    shown = scaled.clutch_json("last")
    assert (shown["state"], shown["source"]) == ("done", "page")
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []
