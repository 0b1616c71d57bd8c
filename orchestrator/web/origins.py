"""Which pages may open a WebSocket here: only our own, by exact scheme, host and port.

Browsers send cookies to every port of a host, and let any page open a socket anywhere.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

Application = Callable[..., Awaitable[Any]]
SCHEMES = {"ws": "http", "wss": "https"}
PORTS = {"http": 80, "https": 443}


class OriginCheck:
    """Refuses a handshake before anything behind it runs."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        ours = [*settings.ALLOWED_ORIGINS, settings.PUBLIC_URL]
        is_ours = is_own_origin(scope, settings.ALLOWED_HOSTS, ours)
        await (self.application if is_ours else WebsocketDenier())(scope, receive, send)


def is_own_origin(
    scope: Mapping[str, Any], hosts: Collection[str], further: Collection[str] = ()
) -> bool:
    """True where the page that opens the socket came from the address it opens it at."""
    origin, host = _only(scope, b"origin"), _only(scope, b"host")
    name, _ = split_domain_port(host)
    if not origin or not name or not validate_host(name, hosts):
        return False
    own = f"{SCHEMES.get(scope.get('scheme', 'ws'), 'http')}://{host}"
    place = _place(origin)
    return place is not None and place in {_place(known) for known in (own, *further)}


def _only(scope: Mapping[str, Any], wanted: bytes) -> str:
    """The header's value if it was sent exactly once."""
    values = [value for name, value in scope.get("headers", ()) if name.lower() == wanted]
    return values[0].decode("latin1") if len(values) == 1 else ""


def _place(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for anything that is more or less than that."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in PORTS or not parts.hostname or has_more:
        return None
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]
