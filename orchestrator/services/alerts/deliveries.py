"""Alerts on their way out: sent once, tried again for a while, and given up with a reason."""

import logging
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone

from orchestrator.models import AlertChannel, AlertDelivery, BudgetAlert
from orchestrator.services.alerts import budgets, channels, outbound

log = logging.getLogger(__name__)
State = AlertDelivery.State
Kind = AlertChannel.Kind
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
AT_ONCE = 20


def send_due() -> int:
    """Send what is due; returns how many were taken. Another process takes none of them."""
    now = timezone.now()
    due = AlertDelivery.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at")
    found = list(due.select_related("alert__period__budget", "channel")[:AT_ONCE])
    return sum(_send(each) for each in found)


def _send(delivery: AlertDelivery) -> bool:
    """Claimed by moving its due time on, so a crash while sending only delays it."""
    wait = WAITS[min(delivery.attempts, len(WAITS) - 1)]
    mine = AlertDelivery.objects.filter(
        pk=delivery.pk, state=State.WAITING, attempts=delivery.attempts
    )
    if not mine.update(attempts=F("attempts") + 1, due_at=timezone.now() + wait):
        return False
    problem = attempt(delivery.channel, document(delivery.alert))
    mine = AlertDelivery.objects.filter(pk=delivery.pk)
    if not problem:
        mine.update(state=State.SENT, sent_at=timezone.now(), error="")
        return True
    is_last = delivery.attempts + 1 > len(WAITS)
    mine.update(state=State.FAILED if is_last else State.WAITING, error=problem[:300])
    log.warning("an alert was not delivered channel=%s reason=%s", delivery.channel_id, problem)
    return False


def document(alert: BudgetAlert) -> dict[str, Any]:
    """What a generic webhook is sent; the text is what everybody reads."""
    budget = alert.period.budget
    return {
        "event": "budget_alert",
        "text": budgets.sentence(alert),
        "percent": alert.percent,
        "scope": budget.scope,
        "scope_id": budget.scope_id,
        "period": budget.period,
        "currency": budget.currency,
        "spent_nano": alert.spent_nano,
        "limit_nano": alert.ceiling_nano,
        "refills_at": alert.period.refills_at.isoformat(),
    }


def trial() -> dict[str, Any]:
    return {"event": "test", "text": "This is a test of Clutch Web: budget alerts arrive here."}


def attempt(channel: AlertChannel, message: dict[str, Any]) -> str:
    """Send one message now; empty when it was taken, else why not."""
    try:
        address = channels.address_of(channel)
        if channel.kind == Kind.EMAIL:
            EmailMessage("Clutch Web: budget", message["text"], to=[address]).send()
        else:
            outbound.post(address, _body(channel.kind, message))
    except (channels.ChannelRefused, outbound.AddressRefused, outbound.NotTaken) as refused:
        return str(refused)
    except (SMTPException, OSError) as error:
        return f"The mail server did not take it ({type(error).__name__})."
    return ""


def _body(kind: str, message: dict[str, Any]) -> dict[str, Any]:
    """Names that people typed must mention nobody and format nothing."""
    text = message["text"]
    if kind == Kind.SLACK:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return {"text": escaped, "mrkdwn": False}
    if kind == Kind.DISCORD:
        return {"content": text[:2_000], "allowed_mentions": {"parse": []}}
    return message
