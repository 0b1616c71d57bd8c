"""Telling the workers that a trip waits. Only a hint: the row in the database is the queue."""

import logging
from uuid import UUID

from django.utils import timezone

from orchestrator.models import Trip
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import queues

log = logging.getLogger(__name__)
DRIVE_TASK = "orchestrator.drive_trip"


def announce(trip_id: UUID) -> None:
    """A broker that is down delays the trip until the sweeper announces it again."""
    from kombu.exceptions import OperationalError

    from clutchweb.celery import app  # here, because Celery costs the command line 80 ms

    announced = Trip.objects.filter(pk=trip_id)
    announced.update(announced_at=timezone.now())
    is_single = announced.filter(pattern=Pattern.SINGLE.value).exists()
    queue = queues.CHAT if is_single else queues.RUNS
    try:
        app.send_task(DRIVE_TASK, args=[str(trip_id)], queue=queue, retry=False)
    except OperationalError as error:
        log.warning("queue is delayed trip=%s reason=%s", trip_id, error)
