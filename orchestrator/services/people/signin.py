"""Signing in: the one owner, one-time links from the terminal, and attempts with passwords."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.cache import caches
from django.db import IntegrityError, transaction

from orchestrator.models import SignInLink, User

OWNER_NAME = "owner"
LINK_LIFE = timedelta(minutes=30)
WINDOW_S = 60
# Passwords tried in one window: for one account from one address, and for all from one address.
# The cache that every process sees.
SHARED = "shared"
MAX_ATTEMPTS = 5
MAX_ATTEMPTS_OF_ADDRESS = 30


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


def may_try(username: str, address: str) -> bool:
    """Count an attempt with a password before it is checked; False when there were too many."""
    counts = [(_count(key), most) for key, most in _limits(username, address).items()]
    return all(count <= most for count, most in counts)


def forgive(username: str, address: str) -> None:
    """The right password was given: its attempts do not count any more."""
    caches[SHARED].delete_many(_limits(username, address))


def _count(key: str) -> int:
    """Where Redis is away nobody's password is tried: the error is told as an outage."""
    cache = caches[SHARED]
    cache.add(key, 0, WINDOW_S)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, WINDOW_S)
        return 1


def _limits(username: str, address: str) -> dict[str, int]:
    account = _digest(username.casefold())[:32]
    return {
        f"sign-in:{account}:{address}": MAX_ATTEMPTS,
        f"sign-in:{address}": MAX_ATTEMPTS_OF_ADDRESS,
    }
