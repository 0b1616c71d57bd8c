"""Invitations: a link that lets one or several people into a team, until it ends or is revoked."""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from orchestrator.models import Invitation, Membership, Team, User
from orchestrator.services.people import audit, mailing, roles, teams
from orchestrator.services.people.audit import Area
from orchestrator.services.people.teams import ABOVE, TeamRefused

log = logging.getLogger(__name__)
MAX_USES = 100
MAX_DAYS = 90
ENDED = "This invitation was used up, revoked or has ended. Ask for a new one."


class InvitationRefused(ValueError):
    """There is no way in by this invitation; the message says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    role: str
    uses: int = 1
    days: int = 7
    email: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """`url` is shown once and never again."""

    invitation: Invitation
    url: str


def make(team: Team, own_role: str, maker: User | None, wish: Wish, base_url: str) -> Made:
    """`own_role` is the role of whoever asks: nobody invites above it."""
    if not roles.may_give(own_role, wish.role):
        raise TeamRefused(ABOVE)
    email = _checked(wish)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        made = Invitation.objects.create(
            team=team,
            role=wish.role,
            digest=_digest(token),
            email=email,
            max_uses=wish.uses,
            expires_at=timezone.now() + timedelta(days=wish.days),
            made_by=maker,
        )
        whom = f" for {email}" if email else ""
        audit.record(Area.TEAMS, f"Invitation made{whom}", after=_terms(wish), team=team)
    return Made(made, f"{base_url.rstrip('/')}/join/{token}/")


def _checked(wish: Wish) -> str:
    if not 1 <= wish.uses <= MAX_USES:
        raise TeamRefused(f"An invitation is good for 1 to {MAX_USES} people.")
    if not 1 <= wish.days <= MAX_DAYS:
        raise TeamRefused(f"An invitation is good for 1 to {MAX_DAYS} days.")
    email = wish.email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise TeamRefused("This is not an e-mail address.") from error
        if wish.uses > 1:
            raise TeamRefused("An invitation by e-mail is for one person.")
    return email


def _terms(wish: Wish) -> str:
    return f"{wish.role}, {wish.uses} × within {wish.days} days"


def send(made: Made, maker_name: str) -> None:
    """Raises what the mail server answers; the link stays good all the same."""
    team = made.invitation.team
    EmailMessage(
        subject=f"{maker_name} invites you to the team {team.name} in Clutch Web",
        body="\n\n".join(
            (
                f"{maker_name} invites you to the team {team.name} as {made.invitation.role}.",
                made.url,
                f"The link works once and ends on {made.invitation.expires_at:%d %B %Y, %H:%M} UTC."
                " If you did not expect it, ignore this message.",
            )
        ),
        to=[made.invitation.email],
    ).send()


def deliver(made: Made, maker_name: str) -> tuple[bool, str]:
    """Whether the link was mailed, and what became of it in words, if that was wanted at all."""
    email = made.invitation.email
    if not email:
        return False, ""
    if not mailing.is_set_up():
        return False, "No mail server is set up, so nothing was sent. Hand over the link yourself."
    try:
        send(made, maker_name)
    except (OSError, SMTPException) as error:
        log.warning("an invitation could not be mailed: %s", type(error).__name__)
        return False, "The mail server did not take the e-mail. Hand over the link yourself."
    return True, f"It was sent to {email}."


def open_ones(team: Team, now: datetime) -> QuerySet[Invitation]:
    return _good(now).filter(team=team).select_related("made_by")


def revoke(team: Team, pk: UUID, now: datetime) -> bool:
    """True when it was good until now."""
    with transaction.atomic():
        if not _good(now).filter(team=team, pk=pk).update(revoked_at=now):
            return False
        audit.record(Area.TEAMS, "Invitation revoked", team=team)
    return True


def find(token: str, now: datetime) -> Invitation | None:
    found = _good(now).filter(digest=_digest(token))
    return found.select_related("team", "made_by").first()


def accept(token: str, user: User, now: datetime) -> Membership:
    """One use of the link for one person; both are decided by the database."""
    with transaction.atomic():
        invitation = find(token, now)
        if invitation is None:
            raise InvitationRefused(ENDED)
        if Membership.objects.filter(team=invitation.team, user=user).exists():
            raise InvitationRefused(f"You are in the team {invitation.team} already.")
        if not _good(now).filter(pk=invitation.pk).update(uses=F("uses") + 1):
            raise InvitationRefused(ENDED)
        return teams.add(invitation.team, user, invitation.role)


def register(token: str, make: Callable[[], User], now: datetime) -> User:
    """A new person by an invitation: account and membership, or neither."""
    with transaction.atomic():
        if find(token, now) is None:
            raise InvitationRefused(ENDED)
        made = make()
        accept(token, made, now)
    made.refresh_from_db()
    return made


def _good(now: datetime) -> QuerySet[Invitation]:
    is_open = Q(revoked_at=None, expires_at__gt=now, uses__lt=F("max_uses"))
    return Invitation.objects.filter(is_open)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
