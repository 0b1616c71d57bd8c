"""What every command needs first: Django, a database that fits, the owner it acts for."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import django
from django.apps import apps

from orchestrator.cli import exits, output

if TYPE_CHECKING:
    from orchestrator.services.people.identity import Caller

T = TypeVar("T")


def ready() -> None:
    """Sets up what is missing, so that a first command works on a fresh machine."""
    if not apps.ready:
        django.setup()
    from orchestrator.services.people import audit, signin
    from orchestrator.services.setup import vault
    from orchestrator.services.upkeep import schema, startup

    file = schema.database_file()
    if file is not None and not file.exists() and sys.stderr.isatty():
        output.note("First start: making the database …")
    try:
        schema.ensure_current()
        startup.prepare()
        audit.act_as(lambda: audit.person(signin.ensure_owner(), "terminal"))
    except (schema.DatabaseRefused, vault.VaultDamaged) as refused:
        exits.leave(exits.FAILED, str(refused))


def caller() -> "Caller":
    from orchestrator.models import Trip
    from orchestrator.services.people import identity, signin

    owner = signin.ensure_owner()
    return identity.Caller(
        owner.pk, Trip.Source.CLI, team_id=owner.current_team_id, is_owner_at_machine=True
    )


async def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run as the process's engine would, and close what was opened."""
    from orchestrator import runtime

    runtime.adopt(asyncio.get_running_loop())
    try:
        return await work
    finally:
        await runtime.close()
