"""News for all open pages of one person: a trip began or ended, money moved. Hints only."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer

STARTED, MONEY = "trip_started", "money_moved"


def group_of(user_id: int) -> str:
    return f"user.{user_id}"


async def post(user_id: int, news: Mapping[str, Any]) -> None:
    """A dead Redis must not end a trip: who missed it sees it with the next page."""
    layer = get_channel_layer()
    if layer is not None:
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(
                layer.group_send(group_of(user_id), {"type": "bulletin", "news": dict(news)}), 2
            )


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
