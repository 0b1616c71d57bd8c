"""Signing in through an OpenID Connect provider: who its answer is to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from orchestrator.models import ExternalIdentity, User
from orchestrator.services.people import accounts, audit, names
from orchestrator.services.people.accounts import AccountRefused
from orchestrator.services.people.audit import Area
from orchestrator.services.people.names import NameRefused

TIMEOUT_S = 10


class IdentityRefused(ValueError):
    """The provider's answer signs nobody in; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider has vouched for, checked and parsed."""

    issuer: str
    subject: str
    username: str
    name: str
    email: str
    is_email_verified: bool


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def client() -> Any:
    """The library's client, which fetches the provider's addresses and keys when it needs them."""
    return _client(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


@cache
def _client(issuer: str, client_id: str, client_secret: str) -> Any:
    from authlib.integrations.django_client import OAuth  # 200 ms that few installations need

    return OAuth().register(
        "openid",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
        },
    )


def claims_options() -> dict[str, dict[str, object]]:
    """Its tokens count only when they are of the configured issuer and for us."""
    return {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
        "exp": {"essential": True},
    }


def parse(claims: Mapping[str, Any]) -> Identity:
    email = _text(claims, "email")[:254]
    return Identity(
        issuer=_text(claims, "iss"),
        subject=_text(claims, "sub"),
        username=_text(claims, "preferred_username") or email.partition("@")[0],
        name=_text(claims, "name")[:100],
        email=email,
        is_email_verified=claims.get("email_verified") is True,
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def find(identity: Identity) -> User | None:
    """Whom the identity belongs to. E-mail addresses alone never sign into an account."""
    found = ExternalIdentity.objects.select_related("user").filter(
        issuer=identity.issuer, subject=identity.subject
    )
    known = found.first()
    if known is None:
        return None
    if not known.user.is_active:
        raise IdentityRefused("This account is deactivated. Ask whoever runs this installation.")
    return known.user


def link(user: User, identity: Identity) -> None:
    try:
        with transaction.atomic():
            ExternalIdentity.objects.create(
                user=user, issuer=identity.issuer, subject=identity.subject
            )
            audit.record(
                Area.SIGN_IN, f"{settings.OIDC_NAME} connected with {user.username}", by=user
            )
    except IntegrityError as error:
        raise IdentityRefused(
            f"This {settings.OIDC_NAME} account is connected with another person here already."
        ) from error


def unlink(user: User, pk: int) -> bool:
    """False for an identity that is not theirs, or without which they could not come back."""
    if not user.has_usable_password() and not user.is_owner:
        return False
    with transaction.atomic():
        if not ExternalIdentity.objects.filter(user=user, pk=pk).delete()[0]:
            return False
        audit.record(Area.SIGN_IN, f"{settings.OIDC_NAME} disconnected from {user.username}")
    return True


def may_register(identity: Identity) -> bool:
    """Without an invitation only people of the domains that were named."""
    name, _, domain = identity.email.casefold().rpartition("@")
    domains = {each.casefold().removeprefix("@") for each in settings.OIDC_DOMAINS}
    return identity.is_email_verified and bool(name) and domain in domains


def register(identity: Identity) -> User:
    """A new account without a password, named as the provider calls the person."""
    with transaction.atomic():
        made = accounts.create(
            _free_username(identity), None, email=identity.email, name=_shown_name(identity)
        )
        link(made, identity)
    return made


def _free_username(identity: Identity) -> str:
    """“ada”, or “ada2” where there is an Ada already."""
    kept = (sign for sign in identity.username if sign.isalnum() or sign in "@.+-_")
    plain = "".join(kept)[:140] or "person"
    for number in range(1, 100):
        wanted = plain if number == 1 else f"{plain}{number}"
        try:
            return accounts.clean_username(wanted)
        except AccountRefused:
            continue
    raise IdentityRefused("There is no free name for this account. Ask for an invitation.")


def _shown_name(identity: Identity) -> str:
    try:
        return names.clean(identity.name, "a name") if identity.name else ""
    except NameRefused:
        return ""
