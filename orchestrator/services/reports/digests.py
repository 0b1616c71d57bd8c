"""What a team or person is told every Monday: the week before in a few lines, with its spikes."""

import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from orchestrator.models import ReportDigest, User
from orchestrator.routing import fuel
from orchestrator.services.reports import (
    documents,
    due,
    figures,
    questions,
    reading,
    spikes,
    webhooks,
)
from orchestrator.services.reports.reading import Report
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused
from orchestrator.services.reports.spikes import Spike
from orchestrator.services.reports.webhooks import WebhookRefused

log = logging.getLogger(__name__)
Channel = ReportDigest.Channel
MOST_FAILURES = 5
MOST_EACH = 10
MOST_LINES = 5


def subscribe(user: User, scope: str, channel: str, address: str, now: datetime) -> ReportDigest:
    """Raises `OutOfSight` for a scope that this person may not see."""
    scope = questions.read(user, {"scope": [scope]}, now.date()).scope.key
    address = address.strip()
    if channel == Channel.EMAIL:
        _check_mail(address)
    elif channel == Channel.WEBHOOK:
        _check_webhook(address)
    else:
        raise ReportRefused("A digest is sent by email or webhook.")
    if of(user).count() >= MOST_EACH:
        raise ReportRefused(f"{MOST_EACH} digests are enough. Remove one first.")
    try:
        with transaction.atomic():
            return ReportDigest.objects.create(
                user=user, scope=scope, channel=channel, address=address, due_at=due.next_due(now)
            )
    except IntegrityError:
        raise ReportRefused("This digest is sent already.") from None


def _check_mail(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise ReportRefused("This is no e-mail address.") from None


def _check_webhook(address: str) -> None:
    try:
        webhooks.check(address)
    except WebhookRefused as refused:
        raise ReportRefused(str(refused)) from None


def of(user: User) -> "QuerySet[ReportDigest]":
    return ReportDigest.objects.filter(user=user)


def send(pk: int, now: datetime) -> bool:
    """True when it went out. After some failures it waits for the next week."""
    digest = ReportDigest.objects.select_related("user").filter(pk=pk).first()
    if digest is None:
        return False
    try:
        _deliver(digest, now)
    except (ReportRefused, OutOfSight, WebhookRefused, OSError) as error:
        _failed(digest, str(error), now)
        return False
    ReportDigest.objects.filter(pk=pk).update(
        due_at=due.next_due(now), sent_at=now, failures=0, error=""
    )
    return True


def _failed(digest: ReportDigest, error: str, now: datetime) -> None:
    log.warning("a digest was not sent digest=%s reason=%s", digest.pk, error)
    failures = digest.failures + 1
    is_over = failures >= MOST_FAILURES
    ReportDigest.objects.filter(pk=digest.pk).update(
        failures=0 if is_over else failures,
        due_at=due.next_due(now) if is_over else now + due.AGAIN_AFTER,
        error=error[:300],
    )


def _deliver(digest: ReportDigest, now: datetime) -> None:
    report, found = week(digest.user, digest.scope, now)
    text = write(report, found)
    if digest.channel == Channel.WEBHOOK:
        webhooks.send(digest.address, text, documents.document(report))
        return
    if not settings.EMAIL_HOST:
        raise ReportRefused("No mail server is set up.")
    subject = " ".join(f"Clutch Web: {report.question.scope.title}, week".split())
    EmailMessage(subject, text, to=[digest.address]).send()


def week(user: User, scope: str, now: datetime) -> tuple[Report, list[Spike]]:
    """The last whole week, Monday to Sunday, and its days that stand out."""
    today = now.astimezone(UTC).date()
    last = today - timedelta(days=today.weekday() + 1)
    kept = f"scope={scope}&currency=usd&period=custom"
    asked = f"{kept}&from={last - timedelta(days=6)}&to={last}"
    report = reading.answer(questions.read(user, parse_qs(asked), today))
    longer = f"{kept}&from={last - timedelta(days=13)}&to={last}"
    days = reading.answer(questions.read(user, parse_qs(longer), today)).steps
    return report, spikes.find([(step.span.first, step.figures.cost_nano) for step in days])


def write(report: Report, found: list[Spike]) -> str:
    question, totals = report.question, report.totals
    baseline = question.baseline
    change = figures.change(totals.cost_nano, report.before.cost_nano)
    compared = "" if change is None else f" ({change:+.0%} against the week before)"
    lines = [
        f"{question.scope.title}, {question.span}",
        "",
        f"Spent {fuel.dollars(totals.cost_nano)}{compared} on {totals.trips:,} trips.",
        f"Saved {fuel.dollars(baseline.saved_nano(totals))} against {baseline.title}.",
        f"Failed {totals['failed']:,}, overruled by people {totals.overrides:,}, "
        f"rated good {totals['good']:,} and bad {totals['bad']:,}.",
    ]
    if report.lines:
        lines += ["", "Most was spent by:"]
        lines += [
            f"  {line.label}: {fuel.dollars(line.figures.cost_nano)}, {line.figures.trips:,} trips"
            for line in report.lines[:MOST_LINES]
        ]
    if found:
        lines += ["", "Days that stand out:"]
        lines += [
            f"  {spike.day:%A}: {fuel.dollars(spike.cost_nano)}, "
            f"usually {fuel.dollars(spike.usual_nano)}"
            for spike in found
        ]
    return "\n".join([*lines, "", baseline.formula, ""])
