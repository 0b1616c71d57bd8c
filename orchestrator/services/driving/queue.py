"""Telling the workers that a trip waits. Only a hint: the row in the database is the queue."""

import logging
import time
from uuid import UUID

from django.db.models.functions import Now

from orchestrator.models import Trip
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import queues

log = logging.getLogger(__name__)
DRIVE_TASK = "orchestrator.drive_trip"
# A broker that failed is left alone for a while, so that only one request waits for it.
REST_S = 5.0
_rests_until_s = 0.0


def announce(trip_id: UUID) -> None:
    """A broker that is down delays the trip until the sweeper announces it again."""
    global _rests_until_s
    if time.monotonic() < _rests_until_s:
        return
    from kombu.exceptions import OperationalError

    from clutchweb.celery import app  # here, because Celery costs the command line 80 ms

    announced = Trip.objects.filter(pk=trip_id)
    announced.update(announced_at=Now())
    # A test drive starts many calls at once; they wait with the runs.
    is_question = announced.filter(pattern=Pattern.SINGLE.value, prompttrialcell=None).exists()
    queue = queues.CHAT if is_question else queues.RUNS
    try:
        app.send_task(DRIVE_TASK, args=[str(trip_id)], queue=queue, retry=False)
    except OperationalError as error:
        _rests_until_s = time.monotonic() + REST_S
        announced.update(announced_at=None)
        log.warning("queue is delayed trip=%s reason=%s", trip_id, error)


def decline(trip_id: UUID) -> None:
    """A process that ends was told of it: the sweeper tells others in its next turn."""
    Trip.objects.filter(pk=trip_id, state=Trip.State.QUEUED).update(announced_at=None)
