"""Telling the workers that a trip waits. Only a hint: the row in the database is the queue."""

import logging
from uuid import UUID

from django.utils import timezone

from orchestrator.models import Trip

log = logging.getLogger(__name__)
DRIVE_TASK = "orchestrator.drive_trip"


def announce(trip_id: UUID) -> None:
    """A broker that is down delays the trip until the sweeper announces it again."""
    from kombu.exceptions import OperationalError

    from clutchweb.celery import app  # here, because Celery costs the command line 80 ms

    Trip.objects.filter(pk=trip_id).update(announced_at=timezone.now())
    try:
        app.send_task(DRIVE_TASK, args=[str(trip_id)], queue="chat", retry=False)
    except OperationalError as error:
        log.warning("queue is delayed trip=%s reason=%s", trip_id, error)
