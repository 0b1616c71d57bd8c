"""What must have happened before anything is driven: defaults are there, old trips are settled."""

import logging

from django.db.models.functions import Now

from orchestrator.models import Trip
from orchestrator.services.driving import leases, sweeper
from orchestrator.services.money import budgets
from orchestrator.services.people import signin
from orchestrator.services.setup import seeds

log = logging.getLogger(__name__)


def prepare() -> None:
    """Cheap when it was done before; every face calls it once."""
    signin.ensure_owner()
    seeds.ensure_defaults()
    budgets.ensure_defaults()
    settle_dead_commands()


def settle_dead_commands() -> None:
    """What they held is free again with the next command, also where no server sweeps."""
    late = Trip.objects.filter(state=Trip.State.DRIVING, lease_until__lt=Now())
    commands = late.filter(source__in=(Trip.Source.CLI, Trip.Source.LIBRARY))
    owners = commands.order_by().values_list("lease_owner", flat=True).distinct()
    if gone := [owner for owner in owners if leases.is_gone(owner)]:
        sweeper.recover(commands.filter(lease_owner__in=gone))


def recover() -> None:
    """For an installation's only server: its earlier lives cannot come back for their trips."""
    prepare()
    count = sweeper.recover_after_restart(f"{leases.WORKER}:")
    if count:
        log.warning("trips of an earlier start were settled count=%s", count)
    # what an earlier life was told of went with its memory
    Trip.objects.filter(state=Trip.State.QUEUED).update(announced_at=None)
    sweeper.sweep()
