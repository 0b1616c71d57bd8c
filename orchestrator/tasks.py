"""Celery tasks: an id comes in, a service is called."""

from uuid import UUID

from celery import shared_task

from orchestrator import runtime
from orchestrator.services.driving import leases, outlets, queue

OWNER = leases.new_owner("worker")


@shared_task(name=queue.DRIVE_TASK)
def drive_trip(trip_id: str) -> None:
    runtime.run(outlets.to_page(UUID(trip_id), OWNER))
