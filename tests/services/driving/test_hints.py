"""Hints through the real Redis layer: many ears at once, and none that waits for long."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from pytest_django import Settings

from orchestrator.services.driving import hints
from tests import servers

pytestmark = pytest.mark.redis
EARS = 200


@pytest.fixture
def redis() -> Iterator[servers.Redis]:
    with servers.redis_server() as server:
        yield server


@pytest.fixture(autouse=True)
def layer(settings: Settings, redis: servers.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": redis.url, "socket_timeout": 2}]},
        }
    }
    monkeypatch.setattr(hints, "patience", hints._Patience())


async def test_two_hundred_ears_hear_what_is_meant_for_them() -> None:
    async with AsyncExitStack() as stack:
        ears = [await stack.enter_async_context(hints.listening(f"g.{n}")) for n in range(EARS)]
        assert all([await ear.open() for ear in ears])
        for number in range(EARS):
            await hints.send(f"g.{number}", {"number": number})
        heard = await asyncio.gather(*(ear.hear(10) for ear in ears))
    assert [hint and hint["number"] for hint in heard] == list(range(EARS))


async def test_silence_is_heard_as_nothing_and_the_next_hint_all_the_same() -> None:
    async with hints.listening("g") as ear:
        assert await ear.hear(0.05) is None
        await hints.send("g", {"number": 1})
        assert await ear.hear(10) == {"number": 1}


async def test_a_stalled_redis_is_waited_for_once(redis: servers.Redis) -> None:
    await hints.send("g", {})
    with redis.stalled():
        began = time.monotonic()
        for number in range(50):
            await hints.send("g", {"number": number})
        async with hints.listening("h") as ear:
            assert await ear.hear(0) is None
        assert time.monotonic() - began < hints.WAIT_S * 3


async def test_a_redis_that_is_gone_costs_nothing(
    redis: servers.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.process.kill()
    redis.process.wait()
    await hints.send("g", {})
    assert not hints.patience.is_over
