"""The whole topology from its start to its end."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import django

from orchestrator.cli import session
from orchestrator.cli.topology import first_start, postgres, programs, redis
from orchestrator.cli.topology.folders import Folders, write_private
from orchestrator.cli.topology.programs import Program, Shape
from orchestrator.cli.topology.supervisor import Keeper, Tell

# Answers get five seconds, settling the rest as much again.
SERVED_GRACE_S, STORE_GRACE_S = 30.0, 20.0


@dataclass(frozen=True, slots=True)
class Voice:
    """What a person is told, and what happens when the link is there."""

    tell: Tell
    on_ready: Callable[[str], None]


async def run(shape: Shape, folders: Folders, descriptor: int, url: str, voice: Voice) -> None:
    """Until SIGTERM or Ctrl-C. The servers end first, what they store with afterwards."""
    asked_to_stop = _stop_signal()
    store, addresses = stores(folders)
    shape = replace(shape, addresses=addresses)
    async with kept(store, STORE_GRACE_S, voice.tell):
        file = folders.root.parent / "clutch.db"
        await asyncio.to_thread(first_start.take_along, file, addresses, voice.tell)
        link = await asyncio.to_thread(_prepared, addresses, url)
        async with kept(programs.served(shape, descriptor), SERVED_GRACE_S, voice.tell):
            write_private(folders.addresses, json.dumps(addresses))
            try:
                voice.on_ready(link)
                await asked_to_stop.wait()
                voice.tell("Stopping: answers that are coming get five seconds.")
            finally:
                folders.addresses.unlink(missing_ok=True)


def stores(folders: Folders) -> tuple[list[Program], dict[str, str]]:
    database, database_url = postgres.program(folders)
    queue, redis_url = redis.program(folders)
    return [database, queue], {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


@asynccontextmanager
async def kept(
    wanted: Iterable[Program], grace_s: float, tell: Tell
) -> AsyncGenerator[list[Keeper]]:
    """Started side by side, and ended side by side whatever happens."""
    keepers = [Keeper(program, tell) for program in wanted]
    try:
        await _all_started(keepers)
        yield keepers
    finally:
        await asyncio.gather(*(keeper.stop(grace_s) for keeper in keepers))


async def _all_started(keepers: list[Keeper]) -> None:
    """The first reason that one of them does not start ends the waiting for the others."""
    starting = [asyncio.create_task(keeper.start()) for keeper in keepers]
    try:
        await asyncio.gather(*starting)
    finally:
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)


def _prepared(addresses: Mapping[str, str], url: str) -> str:
    """The database made or brought up to date once, before anybody else uses it; a link."""
    os.environ.update(addresses)
    django.setup()
    session.ready()
    from django.conf import settings
    from django.db import connections
    from django.utils import timezone

    from orchestrator.services.people import signin

    link = signin.make_link(settings.PUBLIC_URL or url, signin.ensure_owner(), timezone.now())
    connections.close_all()
    return link


def _stop_signal() -> asyncio.Event:
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    return asked_to_stop
