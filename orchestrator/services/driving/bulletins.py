"""News for all open pages of one person: a trip began or ended, money moved. Hints only."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from orchestrator.services.driving import hints

STARTED, MONEY = "trip_started", "money_moved"
# While Redis is away, how soon it is asked again.
LOOK_S = 5.0


def group_of(user_id: int) -> str:
    return f"user.{user_id}"


async def post(user_id: int, news: Mapping[str, Any]) -> None:
    """Who missed it sees it with the next page."""
    await hints.send(group_of(user_id), {"type": "bulletin", "news": dict(news)})


async def listen(user_id: int) -> AsyncGenerator[Mapping[str, Any]]:
    async with hints.listening(group_of(user_id)) as ears:
        while True:
            hint = await ears.hear(LOOK_S)
            if hint is not None:
                yield hint["news"]
