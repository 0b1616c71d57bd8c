"""News for all open pages of one person: a trip began or ended, money moved. Hints only."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from channels.layers import get_channel_layer

from orchestrator.services.driving import hints

STARTED, MONEY = "trip_started", "money_moved"


def group_of(user_id: int) -> str:
    return f"user.{user_id}"


async def post(user_id: int, news: Mapping[str, Any]) -> None:
    """Who missed it sees it with the next page."""
    await hints.send(group_of(user_id), {"type": "bulletin", "news": dict(news)})


async def listen(user_id: int) -> AsyncGenerator[Mapping[str, Any]]:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group_of(user_id), channel)
    try:
        while True:
            message = await layer.receive(channel)
            yield message["news"]
    finally:
        await layer.group_discard(group_of(user_id), channel)
