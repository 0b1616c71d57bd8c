"""People: what was asked is there, is only theirs, and names no secret."""

from django.db.models import F, Q

from orchestrator.models import (
    Alert,
    AlertDelivery,
    Breaker,
    Leg,
    Message,
    ReportDigest,
    Step,
    Trip,
    TripEvent,
)
from orchestrator.services.setup import credentials
from orchestrator.services.upkeep.invariants.breach import SHOWN, Breach

# Where what others said of a failure is kept, with the field that holds it.
TOLD = (
    (Leg, "error"),
    (Trip, "error"),
    (Step, "error"),
    (TripEvent, "payload__error"),
    (Alert, "message"),
    (AlertDelivery, "error"),
    (ReportDigest, "error"),
    (Breaker, "last_error"),
)


def no_lost_message() -> list[Breach]:
    """A question that was accepted stands in its chat."""
    asked = Trip.objects.filter(
        source=Trip.Source.PAGE, pattern="single", conversation__isnull=False, messages__isnull=True
    )
    return [
        Breach("no lost message", str(pk), "its chat has no message of it")
        for pk in asked.values_list("pk", flat=True)[:SHOWN]
    ]


def nobody_sees_others() -> list[Breach]:
    """A chat, its messages, its files and the trips that answer them are of one person."""
    trips = Trip.objects.filter(conversation__isnull=False).exclude(
        conversation__user_id=F("user_id")
    )
    messages = Message.objects.filter(
        Q(trip__isnull=False) & ~Q(trip__user_id=F("conversation__user_id"))
        | Q(attachments__isnull=False) & ~Q(attachments__user_id=F("conversation__user_id"))
    )
    tokens = Trip.objects.filter(token__isnull=False).exclude(token__user_id=F("user_id"))
    return [
        Breach("nobody sees others", str(pk), "belongs to two people")
        for rows in (trips, messages, tokens)
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]


def no_secret_is_told() -> list[Breach]:
    """No stored key stands in what is told of a failure."""
    return [
        Breach("no secret is told", f"{name} {pk}", f"its {field} holds this key")
        for name, secret in credentials.stored_secrets().items()
        for model, field in TOLD
        for pk in model._default_manager.filter(**{f"{field}__icontains": secret}).values_list(
            "pk", flat=True
        )[:SHOWN]
    ]
