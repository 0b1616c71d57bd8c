"""What every command needs first: Django, a database that fits, the owner on whose behalf it acts."""

import django
from django.apps import apps

from orchestrator.cli import exits


def ready() -> None:
    """Sets up what is missing, so that a first command works on a fresh machine."""
    if not apps.ready:
        django.setup()
    from orchestrator.services import schema, startup, vault

    try:
        schema.ensure_current()
        startup.prepare()
    except (schema.DatabaseRefused, vault.VaultDamaged) as refused:
        exits.leave(exits.FAILED, str(refused))


def caller() -> "identity.Caller":  # noqa: F821  # imported late
    from orchestrator.models import Trip
    from orchestrator.services import identity, signin

    return identity.Caller(signin.ensure_owner().pk, Trip.Source.CLI, is_owner_at_machine=True)
