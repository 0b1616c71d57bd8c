"""Signing in: the one owner, one-time links from the terminal, and attempts with passwords."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from orchestrator.models import SignInLink, User
from orchestrator.services.people import attempts
from orchestrator.services.people.attempts import Limit

OWNER_NAME = "owner"
LINK_LIFE = timedelta(minutes=30)
WINDOW_S = 60
COUNTER = "attempts"
# Passwords tried in one window: for one account from one address, and for all from one address.
MAX_ATTEMPTS = 5
MAX_ATTEMPTS_OF_ADDRESS = 30
# For one account from everywhere: many addresses find no password, and a link still gets in.
ACCOUNT_WINDOW_S = 3600
MAX_ATTEMPTS_OF_ACCOUNT = 100


def ensure_owner() -> User:
    """The one person of this installation, who signs in by link until a password is set."""
    if (owner := _owner()) is not None:
        return owner
    made = User(username=OWNER_NAME, is_owner=True, is_staff=True, is_superuser=True)
    made.set_unusable_password()
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # another process was first
        return User.objects.get(is_owner=True)
    return made


def _owner() -> User | None:
    return User.objects.filter(is_owner=True).first()


def make_link(base_url: str, user: User, now: datetime) -> str:
    """A link that signs in once. Only a digest of it is kept; ended links are tidied away."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.filter(expires_at__lt=now - LINK_LIFE).delete()
    SignInLink.objects.create(digest=_digest(token), user=user, expires_at=now + LINK_LIFE)
    return f"{base_url.rstrip('/')}/sign-in/{token}/"


def use_link(token: str, now: datetime) -> User | None:
    """Whom the link signs in; None when it was used, has ended or never was."""
    unused = SignInLink.objects.filter(
        digest=_digest(token), used_at=None, expires_at__gt=now, user__is_active=True
    )
    if not unused.update(used_at=now):
        return None
    return SignInLink.objects.select_related("user").get(digest=_digest(token)).user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def may_try(username: str, address: str, now: datetime) -> bool:
    """Count an attempt with a password before it is checked; False when there were too many."""
    return attempts.may_try(_limits(username, address), now)


def forgive(username: str, address: str) -> None:
    """The right password was given: its attempts do not count any more.

    Those of the address do, or somebody with an account could guess at others without an end.
    """
    attempts.forgive(_limits(username, address)[:1])


def _limits(username: str, address: str) -> list[Limit]:
    account = username.casefold()
    return [
        Limit(f"password:{account}:{address}", MAX_ATTEMPTS, WINDOW_S),
        Limit(f"password-from:{address}", MAX_ATTEMPTS_OF_ADDRESS, WINDOW_S),
        Limit(f"password-of:{account}", MAX_ATTEMPTS_OF_ACCOUNT, ACCOUNT_WINDOW_S),
    ]
