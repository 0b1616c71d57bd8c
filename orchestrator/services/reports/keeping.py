"""Reports under a name, and links that show one report to whoever has them until they end."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.db.models import QuerySet

from orchestrator.models import ReportShare, SavedReport, User
from orchestrator.services.reports import questions, spans
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused

MOST_SAVED, MOST_SHARED = 50, 50
MOST_SHARE_DAYS = 90
NAME_CHARS = 80
QUERY_CHARS = 1000


def save(user: User, name: str, question: Question) -> SavedReport:
    """Under a name that is taken, the newer question replaces the one before."""
    name, query = checked_name(name), checked_query(question.query)
    mine = SavedReport.objects.filter(user=user)
    if mine.exclude(name=name).count() >= MOST_SAVED:
        raise ReportRefused(f"{MOST_SAVED} reports are saved already. Delete one first.")
    saved, _ = SavedReport.objects.update_or_create(user=user, name=name, defaults={"query": query})
    return saved


def share(
    user: User, name: str, question: Question, days: int, now: datetime
) -> tuple[ReportShare, str]:
    """The link's secret is told once. The days of the report stay those of today."""
    if not 1 <= days <= MOST_SHARE_DAYS:
        raise ReportRefused(f"A link lasts 1 to {MOST_SHARE_DAYS} days.")
    if shares_of(user, now).count() >= MOST_SHARED:
        raise ReportRefused(f"{MOST_SHARED} links are open already. Revoke one first.")
    secret = secrets.token_urlsafe(32)
    made = ReportShare.objects.create(
        digest=_digest(secret),
        user=user,
        name=checked_name(name),
        query=checked_query(_fixed(question)),
        expires_at=now + timedelta(days=days),
    )
    return made, secret


def shares_of(user: User, now: datetime) -> "QuerySet[ReportShare]":
    return ReportShare.objects.filter(user=user, revoked_at=None, expires_at__gt=now)


def revoke(user: User, pk: Any, now: datetime) -> bool:
    return bool(shares_of(user, now).filter(pk=pk).update(revoked_at=now))


def opened(secret: str, now: datetime) -> tuple[ReportShare, Question]:
    """Raises `OutOfSight` also when whoever shared it may no longer see it themselves."""
    good = ReportShare.objects.filter(
        digest=_digest(secret), revoked_at=None, expires_at__gt=now, user__is_active=True
    )
    found = good.select_related("user").first()
    if found is None:
        raise OutOfSight("share")
    try:
        question = questions.read(found.user, parse_qs(found.query), now.date())
    except ReportRefused as refused:
        raise OutOfSight("share") from refused
    ReportShare.objects.filter(pk=found.pk).update(opened_at=now)
    return found, question


def _fixed(question: Question) -> str:
    days = {"period": spans.CUSTOM, "from": question.span.first, "to": question.span.last}
    kept = [pair for pair in question.pairs() if pair[0] not in days]
    return urlencode([*kept, *days.items()])


def checked_name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if not name or len(name) > NAME_CHARS:
        raise ReportRefused(f"Give it a name of 1 to {NAME_CHARS} characters.")
    return name


def checked_query(query: str) -> str:
    if len(query) > QUERY_CHARS:
        raise ReportRefused("So many filters cannot be kept. Leave some out.")
    return query


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
