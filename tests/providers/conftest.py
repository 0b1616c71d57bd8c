"""Vendors on loopback for the adapters' tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.providers.recorded import Script, Wire, serve

StartWire = Callable[[Script], Awaitable[Wire]]


@pytest.fixture
async def start_wire() -> AsyncIterator[StartWire]:
    """Starts loopback vendors that stop with the test: `wire = await start_wire(reply)`."""
    async with AsyncExitStack() as stack:

        async def start(script: Script) -> Wire:
            return await stack.enter_async_context(serve(script))

        yield start
