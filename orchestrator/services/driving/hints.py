"""Telling other processes through the channel layer, which only ever speeds things up."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

PATIENCE_S = 2.0


async def send(group: str, message: Mapping[str, Any]) -> None:
    """A Redis that is dead or stalls must not end what is being driven."""
    layer = get_channel_layer()
    if layer is not None:
        with suppress(*_losses()):
            await asyncio.wait_for(layer.group_send(group, dict(message)), PATIENCE_S)


@cache
def _losses() -> tuple[type[Exception], ...]:
    """What a lost hint is told by. Without Redis its client is not worth its import."""
    if settings.IS_EMBEDDED:
        return (OSError, TimeoutError)
    from redis.exceptions import RedisError

    return (OSError, TimeoutError, RedisError)
