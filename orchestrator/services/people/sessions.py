"""Browsers in which a person is signed in: noted, shown, ended one by one or all at once."""

from datetime import datetime, timedelta

from django.apps import apps
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F, QuerySet
from django.utils.crypto import constant_time_compare

from orchestrator.models import OpenSession, User

# "Last seen" is accurate to this, so that a busy browser writes twice an hour.
SEEN_EVERY = timedelta(minutes=30)
KEEP = timedelta(days=31)
# What a session remembers: as whom pages are looked at, and when it was last noted as seen.
VIEWING = "viewing"
SEEN = "seen"


def note(user: User, key: str, agent: str, address: str, now: datetime) -> None:
    OpenSession.objects.filter(user=user, seen_at__lt=now - KEEP).delete()
    OpenSession.objects.update_or_create(
        key=key,
        defaults={
            "user": user,
            "agent": "".join(sign for sign in agent if sign.isprintable())[:200],
            "address": address[:45],
            "created_at": now,
            "seen_at": now,
        },
    )


def mark_seen(key: str, now: datetime) -> bool:
    """False for one that was never noted."""
    return bool(OpenSession.objects.filter(key=key).update(seen_at=now))


def of(user: User) -> QuerySet[OpenSession]:
    return OpenSession.objects.filter(user=user)


def end(user: User, pk: int) -> bool:
    found = of(user).filter(pk=pk).first()
    if found is None:
        return False
    _forget([found.key])
    return True


def end_all(user: User) -> None:
    """Also those that were never noted: no session of an earlier epoch is good any more."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    _forget(list(of(user).values_list("key", flat=True)))


def forget(key: str) -> None:
    OpenSession.objects.filter(key=key).delete()


def _forget(keys: list[str]) -> None:
    # A command runs without the app that keeps sessions; the epoch has ended them already.
    if apps.is_installed("django.contrib.sessions"):
        SessionStore.get_model_class().objects.filter(session_key__in=keys).delete()
    OpenSession.objects.filter(key__in=keys).delete()


def is_viewing(key: str) -> bool:
    """Whether pages of this session are looked at as a member of a team would see them."""
    return VIEWING in SessionStore(key).load()


def is_alive(key: str, user_id: int) -> bool:
    """Whether a session still signs this person in, asked without a request."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not key:
        return False
    kept = SessionStore(key).load()
    known = str(kept.get(HASH_SESSION_KEY, ""))
    is_theirs = kept.get(SESSION_KEY) == str(user_id)
    return is_theirs and constant_time_compare(known, user.get_session_auth_hash())
