"""Leases on trips, by the database's clock, so that skewed hosts agree on who drives."""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from orchestrator.models import Trip

# The kind of those that drive what a page asked for.
WORKER = "worker"
LEASE = timedelta(seconds=settings.LEASE_S)
HEARTBEAT_S = settings.LEASE_S / 3
# How often a driver looks for a stop that another process was asked for.
LOOK_S = 0.5


def new_owner(kind: str) -> str:
    """`kind` is server, worker, cli or library; the rest is a process and makes it unique."""
    return f"{kind}:{_host()}:{os.getpid()}:{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Whether the process of this lease ran on this machine and does no more."""
    _, host, pid, *_ = [*owner.split(":"), "", ""]
    if host != _host() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # it lives, and is somebody else's
    return False


def _host() -> str:
    return socket.gethostname()[:20].replace(":", "-")


def extend(trip_id: UUID, owner: str) -> bool:
    """False when the lease was lost: somebody else has taken or ended the trip."""
    held = Trip.objects.filter(pk=trip_id, state=Trip.State.DRIVING, lease_owner=owner)
    return bool(held.update(lease_until=Now() + LEASE))


def let_go(trip_id: UUID, owner: str) -> None:
    """The sweeper need not wait until it runs out."""
    held = Trip.objects.filter(pk=trip_id, state=Trip.State.DRIVING, lease_owner=owner)
    held.update(lease_until=Now())


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of the driver of a trip."""

    to_stop: bool
    to_pause: bool


def asked(trip_id: UUID) -> Asked:
    wishes = Trip.objects.filter(pk=trip_id).values_list(
        "cancel_requested_at", "pause_requested_at"
    )
    stop, pause = wishes.first() or (None, None)
    return Asked(stop is not None, pause is not None)
