"""Sending to an address that somebody typed: only to public servers, checked as it is reached."""

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings

TIMEOUT_S = 10.0
MOST_CHARS = 500
DISCORD = ("discord.com", "discordapp.com")
SLACK = ("hooks.slack.com",)
DISCORD_CHARS = 2000


class WebhookRefused(ValueError):
    """Nothing was sent; the message says why."""


def check(address: str) -> SplitResult:
    """What can be said of an address without asking anybody."""
    if len(address) > MOST_CHARS or not address.isprintable() or " " in address:
        raise WebhookRefused("This is no web address.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise WebhookRefused("This is no web address.") from None
    host = (parts.hostname or "").lower()
    is_known = host in settings.WEBHOOK_HOSTS
    if not host or parts.scheme not in ("https", "http"):
        raise WebhookRefused("A webhook begins with https:// and names a server.")
    if parts.username or parts.password:
        raise WebhookRefused("A webhook's address must not hold a name and password.")
    if not is_known and (parts.scheme != "https" or port not in (None, 443)):
        raise WebhookRefused("A webhook uses https:// and no other port.")
    return parts


def send(address: str, text: str, document: Mapping[str, Any]) -> None:
    """The name is looked up once, and the connection goes to the address that was checked."""
    parts = check(address)
    host = (parts.hostname or "").lower()
    ip = _resolved(host, parts.port or (443 if parts.scheme == "https" else 80))
    pinned = httpx.URL(address).copy_with(host=ip)
    port = f":{parts.port}" if parts.port else ""
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
            answer = client.post(
                pinned,
                json=_body(host, text, document),
                headers={"Host": f"{host}{port}"},
                extensions={"sni_hostname": host},
            )
    except httpx.HTTPError as error:
        raise WebhookRefused(f"{host} could not be reached: {type(error).__name__}.") from error
    if not answer.is_success:
        raise WebhookRefused(f"{host} answered with status {answer.status_code}.")


def _resolved(host: str, port: int) -> str:
    """One forbidden address among several is enough to refuse them all."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookRefused(f"{host} cannot be found.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if host not in settings.WEBHOOK_HOSTS and not all(map(is_public, addresses)):
        raise WebhookRefused(f"{host} is inside a private network, where webhooks may not go.")
    return addresses[0]


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    checked = inner or ip
    return checked.is_global and not (checked.is_multicast or checked.is_reserved)


def _body(host: str, text: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    if host in SLACK:
        return {"text": text}
    if host in DISCORD:
        return {"content": text[:DISCORD_CHARS]}
    return {"text": text, "report": document}
