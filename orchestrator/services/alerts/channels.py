"""Where a person is told of alerts: addresses that are kept sealed and never shown again."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from orchestrator.models import AlertChannel, User
from orchestrator.services import outbound

Kind = AlertChannel.Kind
MOST = 10
HOSTS = {
    Kind.SLACK: ("hooks.slack.com", "hooks.slack-gov.com"),
    Kind.DISCORD: ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"),
}


class ChannelRefused(ValueError):
    """The channel is not kept; the message says why."""


def of(user: User) -> QuerySet[AlertChannel]:
    return AlertChannel.objects.filter(user=user)


def add(user: User, kind: str, address: str) -> AlertChannel:
    address = address.strip()
    if kind not in Kind.values:
        raise ChannelRefused(f"{kind!r} is none of: {', '.join(Kind.values)}.")
    if kind == Kind.EMAIL and not settings.EMAIL_HOST:
        raise ChannelRefused(
            "No mail server is set up, so nothing would arrive. "
            "Set CLUTCH_SMTP_HOST, or choose Slack, Discord or a webhook."
        )
    shown = _mail(address) if kind == Kind.EMAIL else _web(Kind(kind), address)
    return _keep(user, Kind(kind), address, shown)


def restore_mail(user: User, address: str) -> AlertChannel:
    """As it was elsewhere; that a mail server is missing here is told with the first alert."""
    return _keep(user, Kind.EMAIL, address.strip(), _mail(address.strip()))


def _keep(user: User, kind: AlertChannel.Kind, address: str, shown: str) -> AlertChannel:
    if of(user).count() >= MOST:
        raise ChannelRefused(f"{MOST} channels are the most. Remove one first.")
    sealed = _box().encrypt(address.encode()).decode()
    return AlertChannel.objects.create(user=user, kind=kind, sealed=sealed, shown=shown)


def _mail(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        raise ChannelRefused("This is not an e-mail address.") from None
    return address[:254]


def _web(kind: AlertChannel.Kind, address: str) -> str:
    try:
        target = outbound.check(address)
    except outbound.AddressRefused as refused:
        raise ChannelRefused(str(refused)) from None
    allowed = target.host in settings.OUTBOUND_ALLOWED or (
        f"{target.host}:{target.port}" in settings.OUTBOUND_ALLOWED
    )
    if kind in HOSTS and target.host not in HOSTS[kind] and not allowed:
        raise ChannelRefused(f"A {kind.label} webhook begins with https://{HOSTS[kind][0]}/.")
    return f"{target.host}/…"[:254]


def address_of(channel: AlertChannel) -> str:
    """Raises `ChannelRefused` when it was sealed with another secret key."""
    try:
        return _box().decrypt(channel.sealed.encode()).decode()
    except InvalidToken:
        raise ChannelRefused(
            "The address was kept with another secret key. Remove the channel and add it again."
        ) from None


def _box() -> Fernet:
    digest = hashlib.sha256(b"alert channels\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
