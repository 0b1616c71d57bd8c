"""The border between the event loop and the database: named sync functions in a few threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")

# SQLite writes one at a time anyway; more threads only wait for each other.
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="database")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one database use-case off the loop. Cancelling the caller does not cut a transaction."""

    def with_connection() -> T:
        # These few threads live as long as the process. A server may have ended their connections;
        # a file did not, and opening it anew costs more than most of what is asked of it.
        if connection.vendor != "sqlite":
            close_old_connections()
        return work(*args, **kwargs)

    # Who acts, among other things, is known there as it is here.
    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, context.run, with_connection)
