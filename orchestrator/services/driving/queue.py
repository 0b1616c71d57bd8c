"""Telling the workers that a trip waits. Only a hint: the row in the database is the queue."""

import logging
from uuid import UUID

from django.db.models.functions import Now

from orchestrator.models import Trip
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import queues

log = logging.getLogger(__name__)
DRIVE_TASK = "orchestrator.drive_trip"
# A person waits while their trip is announced; a Redis that stalls must not be noticed.
PATIENCE_S = 1.0


def announce(trip_id: UUID) -> bool:
    """False where the broker is away: the trip waits until the sweeper announces it again."""
    from kombu.exceptions import OperationalError
    from kombu.pools import producers

    from clutchweb.celery import app  # here, because Celery costs the command line 80 ms

    announced = Trip.objects.filter(pk=trip_id)
    announced.update(announced_at=Now())
    is_single = announced.filter(pattern=Pattern.SINGLE.value).exists()
    queue = queues.CHAT if is_single else queues.RUNS
    patience = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
    broker = app.connection_for_write(transport_options=patience)
    try:
        with producers[broker].acquire(block=True) as producer:
            app.send_task(
                DRIVE_TASK, args=[str(trip_id)], queue=queue, retry=False, producer=producer
            )
    except OperationalError as error:
        log.warning("queue is delayed trip=%s reason=%s", trip_id, error)
        return False
    return True
