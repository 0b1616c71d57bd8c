"""Requests to addresses that people typed: never into our own network, never somewhere else.

The name is looked up once and the connection made to that very address, so that an answer of the
name server that changes in between leads nowhere. Redirects are not followed.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

TIMEOUT_S = 10.0
MAX_ADDRESS_CHARS = 2_000


class AddressRefused(ValueError):
    """The address may not be called; the message says why."""


class NotTaken(Exception):
    """It was called and did not take what was sent; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and what to say there."""

    url: str
    host: str
    port: int
    authority: str


def check(address: str) -> Target:
    """Raises `AddressRefused`. Without a look at the network: names are looked up when called."""
    if len(address) > MAX_ADDRESS_CHARS or any(sign.isspace() for sign in address):
        raise AddressRefused("The address is too long or has spaces in it.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise AddressRefused("This is not a web address.") from None
    host = (parts.hostname or "").rstrip(".").lower()
    if not host or parts.username is not None or parts.password is not None:
        raise AddressRefused("Write an address such as https://example.org/path, without a name.")
    port = port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_allowed(host, port)):
        raise AddressRefused("The address must begin with https://.")
    is_inside = _is_address(host) and not is_public(host)
    if is_inside and not _is_allowed(host, port):
        raise AddressRefused(f"{host} is inside of a private network and is not called.")
    return Target(address, host, port, parts.netloc)


def _is_allowed(host: str, port: int) -> bool:
    """What whoever runs the installation has opened by name, such as a server next door."""
    return host in settings.OUTBOUND_ALLOWED or f"{host}:{port}" in settings.OUTBOUND_ALLOWED


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Also of what lies inside of it: an IPv6 address may carry one of our own network."""
    known = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(known, "ipv4_mapped", None) or getattr(known, "sixtofour", None)
    checked = inner or known
    return checked.is_global and not (checked.is_multicast or checked.is_reserved)


def _resolved(target: Target) -> str:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotTaken(f"{target.host} was not found.") from None
    addresses = [str(each[4][0]) for each in found]
    if _is_allowed(target.host, target.port):
        return addresses[0]
    # One private address among public ones is a trap, so all of them must be public.
    if not all(map(is_public, addresses)):
        raise AddressRefused(f"{target.host} leads into a private network and is not called.")
    return addresses[0]


def post(address: str, document: dict[str, Any]) -> None:
    """Send JSON. Raises `AddressRefused` or `NotTaken`."""
    import httpx  # here, as checking an address must not make every command start slower

    target = check(address)
    parts = urlsplit(target.url)
    ip = _resolved(target)
    pinned = f"[{ip}]:{target.port}" if ":" in ip else f"{ip}:{target.port}"
    url = urlunsplit((parts.scheme, pinned, parts.path or "/", parts.query, ""))
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                url,
                json=document,
                headers={"Host": target.authority, "User-Agent": "Clutch Web"},
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            status = answer.status_code
    except httpx.HTTPError as error:
        raise NotTaken(f"{target.host} could not be reached ({type(error).__name__}).") from None
    if not 200 <= status < 300:
        raise NotTaken(f"{target.host} answered {status}.")
