"""First-token, idle and total limits around any adapter's stream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from orchestrator.providers.base import Timeouts
from orchestrator.providers.errors import BadStream, TimedOut
from orchestrator.providers.vocabulary import Finished, ProviderEvent


async def guard(
    stream: AsyncIterator[ProviderEvent], timeouts: Timeouts
) -> AsyncGenerator[ProviderEvent]:
    """Pass events through; raise when a limit passes or the stream ends before `Finished`."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + timeouts.total_s
    wait_s, waiting_for = timeouts.first_token_s, "first token"
    try:
        while True:
            event = await _next(stream, min(loop.time() + wait_s, ends_at), ends_at, waiting_for)
            yield event
            if isinstance(event, Finished):
                return
            wait_s, waiting_for = timeouts.idle_s, "next token"
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


async def _next(
    stream: AsyncIterator[ProviderEvent], until: float, ends_at: float, waiting_for: str
) -> ProviderEvent:
    try:
        async with asyncio.timeout_at(until):
            return await anext(stream)
    except StopAsyncIteration:
        raise BadStream("The provider ended the answer in the middle.") from None
    except TimeoutError:
        what = "whole answer" if until >= ends_at else waiting_for
        raise TimedOut(f"The provider did not send the {what} in time.") from None
