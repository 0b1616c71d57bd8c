"""The same code on PostgreSQL and Redis, with a worker process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.process.chatting import send
from tests.process.served import ROOT, ServedHome

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture
def scaled(tmp_path: Path) -> Iterator[ServedHome]:
    with servers.postgres() as database_url, servers.redis() as redis_url:
        home = ServedHome(tmp_path, {"DATABASE_URL": database_url, "REDIS_URL": redis_url})
        home.start()
        yield home
        home.stop()


def start_worker(home: ServedHome) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "celery", "-A", "clutchweb.celery:app", "worker"]
    return subprocess.Popen(
        [*command, "--concurrency", "2", "--queues", "chat,runs"],
        env={**home.environment, "DJANGO_SETTINGS_MODULE": "clutchweb.settings"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_page_s_trip_is_driven_by_the_worker_and_followed_by_the_web_process(
    scaled: ServedHome,
) -> None:
    with httpx.Client(base_url=scaled.url, follow_redirects=True, trust_env=False) as reader:
        reader.get(scaled.link)
        trip = send(reader, scaled, "Say hello")
        worker = start_worker(scaled)
        try:
            events = reader.get(f"{trip}events/", timeout=60).text
        finally:
            worker.terminate()
            worker.wait(timeout=30)
    assert events.count("event: trip_finished") == 1
    shown = scaled.clutch_json("last")
    assert (shown["state"], shown["source"]) == ("done", "page")
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []
