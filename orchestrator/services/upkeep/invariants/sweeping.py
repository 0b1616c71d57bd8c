"""Whether somebody sweeps: what only the sweeper sees to can be late only where there is one."""

from datetime import timedelta

from django.db.models.functions import Now

from orchestrator.models import SweeperLock
from orchestrator.services.driving import leases

# Somebody sweeps every few seconds; a whole minute more is none of them being late.
LATE = timedelta(seconds=60) + 3 * leases.LEASE


def is_swept() -> bool:
    """A server or worker is at work."""
    return SweeperLock.objects.filter(until__gt=Now() - leases.LEASE, pk=1).exists()
