"""Redis takes connections and says nothing: nobody waits for it, and all goes on afterwards."""

import time
from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest

from tests import servers
from tests.installations import Template
from tests.process.chatting import send
from tests.process.served import ServedHome
from tests.process.workers import Worker

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]
MOST_S = 2.0
# What a busy machine adds to a wait.
SLACK_S = 1.0


@pytest.fixture(scope="module")
def redis() -> Iterator[servers.Redis]:
    with servers.redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def scaled(
    tmp_path_factory: pytest.TempPathFactory, postgres_template: Template, redis: servers.Redis
) -> Iterator[ServedHome]:
    folder = tmp_path_factory.mktemp("stalled")
    installation = postgres_template.copy(folder / ".clutch")
    addresses = {"DATABASE_URL": installation.database_url, "REDIS_URL": redis.url}
    home, worker = ServedHome(folder, addresses), None
    try:
        home.start()
        worker = Worker(home)
        worker.start()
        yield home
    finally:
        if worker is not None:
            worker.stop()
        home.stop()


@pytest.fixture
def reader(scaled: ServedHome) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=scaled.url, follow_redirects=True, trust_env=False, timeout=60
    ) as client:
        client.get(scaled.new_link())
        client.get(send(client, scaled, "Say hello") + "events/")  # everything is connected
        yield client


def took_s(client: httpx.Client, path: str) -> float:
    began = time.monotonic()
    assert client.get(path).status_code == 200
    return time.monotonic() - began


@pytest.mark.fault("Redis stalls")
def test_an_answer_goes_on_and_its_reader_waits_no_longer_than_two_seconds(
    scaled: ServedHome, reader: httpx.Client, redis: servers.Redis
) -> None:
    trip = send(reader, scaled, "/demo long 700")
    arrivals, seen = [], []
    with reader.stream("GET", f"{trip}events/") as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("event: "))
        seen.append(next(line for line in lines if line == "event: text"))
        with redis.stalled():
            for line in lines:
                seen.append(line)
                arrivals.append(time.monotonic())
    assert seen[-1] == "event: trip_finished"
    assert max(later - earlier for earlier, later in pairwise(arrivals)) < MOST_S + SLACK_S


@pytest.mark.fault("Redis stalls")
def test_pages_are_shown_messages_are_taken_and_driven_afterwards(
    scaled: ServedHome, reader: httpx.Client, redis: servers.Redis
) -> None:
    with redis.stalled():
        took = [took_s(reader, path) for path in ("/chat/", "/healthz", "/trips/", "/readyz")]
        trips = []
        for word in ("one", "two", "three"):
            began = time.monotonic()
            trips.append(send(reader, scaled, f"Say {word}"))
            took.append(time.monotonic() - began)
    assert max(took) < MOST_S + SLACK_S
    for trip in trips:
        assert reader.get(f"{trip}events/").text.count("event: trip_finished") == 1
    assert scaled.clutch_json("doctor", "--invariants")["breaches"] == []


def test_a_password_is_checked_and_counted_without_redis(
    scaled: ServedHome, redis: servers.Redis
) -> None:
    with (
        httpx.Client(base_url=scaled.url, trust_env=False, timeout=60) as stranger,
        redis.stalled(),
    ):
        page = stranger.get("/sign-in/").text
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        asked = {"username": "owner", "password": "guess", "csrfmiddlewaretoken": token}
        began = time.monotonic()
        answer = stranger.post("/sign-in/", data=asked, headers={"Origin": scaled.url})
        assert answer.status_code < 429
        assert "do not fit" in answer.text
        assert time.monotonic() - began < MOST_S + SLACK_S
