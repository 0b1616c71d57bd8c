"""API tokens `clk_<public id>_<secret>`: the id finds the row, the secret proves the right."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.db.models import Q, QuerySet

from orchestrator.models import ApiToken, User
from orchestrator.services.people import audit
from orchestrator.services.people.audit import Area

SHAPE = re.compile(r"clk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
# "Last used" is accurate to this, so that a busy token writes once a minute.
USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    CALL = "call"
    TRIPS = "trips"
    METRICS = "metrics"


MEANINGS = {
    Scope.CALL: "Call models through the API",
    Scope.TRIPS: "Read your trips and what they cost",
    Scope.METRICS: "Read the metrics of this installation",
}
DEFAULT_SCOPES = (Scope.CALL, Scope.TRIPS)


class TokenRefused(ValueError):
    """The token cannot be made; the message says what to change."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """`value` is shown once and never again."""

    token: ApiToken
    value: str


def create(
    user: User,
    name: str,
    *,
    scopes: Collection[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
) -> NewToken:
    name = name.strip()
    if not name or len(name) > 100:
        raise TokenRefused("Give the token a name of 1 to 100 characters.")
    _check_scopes(user, scopes)
    public_id = "".join(secrets.choice(ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        public_id=public_id,
        digest=_digest(secret),
        name=name,
        user=user,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    audit.record(Area.TOKENS, f"API token {name} made", after=", ".join(token.scopes))
    return NewToken(token, f"clk_{public_id}_{secret}")


def _check_scopes(user: User, scopes: Collection[str]) -> None:
    unknown = sorted(set(scopes) - set(Scope))
    if unknown or not scopes:
        raise TokenRefused(f"Choose scopes from: {', '.join(Scope)}.")
    if Scope.METRICS in scopes and not (user.is_owner or user.is_staff):
        raise TokenRefused("Only an administrator's token may read metrics. Leave `metrics` out.")


def of(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at")


def revoke(user: User, public_id: str, now: datetime) -> bool:
    """True when it worked until now."""
    mine = ApiToken.objects.filter(user=user, public_id=public_id, revoked_at=None)
    if not mine.update(revoked_at=now):
        return False
    audit.record(Area.TOKENS, f"API token {public_id} revoked")
    return True


def find(value: str, now: datetime) -> ApiToken | None:
    """The token of a header's value if it is right and still good. Takes `Bearer` before it too."""
    shape = SHAPE.fullmatch(value.removeprefix("Bearer ").removeprefix("bearer ").strip())
    if shape is None:
        return None
    public_id, secret = shape.groups()
    good = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    token = (
        ApiToken.objects.select_related("user")
        .filter(good, public_id=public_id, user__is_active=True)
        .first()
    )
    # An unknown id costs the same comparison as a wrong secret.
    known = token.digest if token is not None else _digest(public_id)
    if not hmac.compare_digest(known, _digest(secret)) or token is None:
        return None
    _mark_used(token, now)
    return token


def _mark_used(token: ApiToken, now: datetime) -> None:
    if token.last_used_at is not None and token.last_used_at > now - USED_EVERY:
        return
    minute = now.replace(second=0, microsecond=0)
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=minute)
    token.last_used_at = minute


def _digest(secret: str) -> str:
    return hmac.new(_pepper(settings.SECRET_KEY), secret.encode(), hashlib.sha256).hexdigest()


@cache
def _pepper(secret_key: str) -> bytes:
    """A key of its own purpose, so that no digest made elsewhere with the secret key fits here."""
    return hashlib.sha256(b"clutch.api-token:" + secret_key.encode()).digest()
