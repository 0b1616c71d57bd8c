"""When digests are due, and telling the workers so. Light, because every command imports it."""

import logging
from datetime import UTC, datetime, timedelta

from orchestrator.models import ReportDigest

log = logging.getLogger(__name__)
TASK = "orchestrator.send_digest"
HOUR = 7
WEEK = timedelta(days=7)
AGAIN_AFTER = timedelta(hours=1)
BATCH = 20


def next_due(now: datetime) -> datetime:
    """Monday at seven (UTC), always in the future."""
    monday = now.astimezone(UTC).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    return monday if monday > now else monday + WEEK


def announce_due(now: datetime) -> None:
    """Whoever moves `due_at` forward tells the workers; what they lose is due again in an hour."""
    due = ReportDigest.objects.filter(due_at__lte=now, user__is_active=True)
    for digest in due.order_by("due_at")[:BATCH]:
        mine = ReportDigest.objects.filter(pk=digest.pk, due_at=digest.due_at)
        if mine.update(due_at=now + AGAIN_AFTER):
            _announce(digest.pk)


def _announce(pk: int) -> None:
    from kombu.exceptions import OperationalError

    from clutchweb.celery import app  # here, because Celery costs the command line 80 ms

    try:
        app.send_task(TASK, args=[pk], retry=False)
    except OperationalError as error:
        log.warning("a digest is delayed digest=%s reason=%s", pk, error)
