"""Celery tasks: an id comes in, a service is called."""

import logging
from uuid import UUID

from celery import shared_task
from django.db import Error
from django.utils import timezone

from orchestrator import runtime
from orchestrator.services.driving import leases, outlets, queue, stops
from orchestrator.services.reports import digests, due
from orchestrator.services.upkeep import book_checks

log = logging.getLogger(__name__)


@shared_task(name=queue.DRIVE_TASK)
def drive_trip(trip_id: str) -> None:
    """A trip whose database went away is found again by the sweeper when it is back.

    Every drive has a name of its own: the processes of a worker are copies of one that was
    started, and whoever lost a lease must not pass for whoever has it now.
    """
    if stops.is_closing():
        queue.decline(UUID(trip_id))  # it would be interrupted at once
        return
    try:
        runtime.run(outlets.to_page(UUID(trip_id), leases.new_owner(leases.WORKER)))
    except Error:
        log.exception("trip was left trip=%s", trip_id)


@shared_task(name=due.TASK)
def send_digest(pk: int) -> None:
    digests.send(pk, timezone.now())


@shared_task(name=book_checks.TASK)
def check_books(run: str) -> None:
    """One that loses its database is given up when its time is over."""
    try:
        book_checks.work(run)
    except Error:
        log.exception("the books were not checked run=%s", run)
