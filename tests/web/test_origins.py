"""Only pages of our own address may open a socket: exact scheme, host and port."""

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from pytest_django import Settings

from orchestrator.web.live.sockets import sockets
from orchestrator.web.origins import is_own_origin

HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def scope(origin: str | None, host: str | None = "localhost:8760", scheme: str = "ws") -> Any:
    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    return {"type": "websocket", "scheme": scheme, "headers": headers}


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "is_own"),
    [
        ("http://localhost:8760", "localhost:8760", "ws", True),
        ("http://127.0.0.1:8760", "127.0.0.1:8760", "ws", True),
        ("http://[::1]:8760", "[::1]:8760", "ws", True),
        ("http://localhost", "localhost", "ws", True),
        ("http://localhost:80", "localhost", "ws", True),
        ("https://localhost", "localhost:443", "wss", True),
        ("HTTP://LOCALHOST:8760", "localhost:8760", "ws", True),
        ("https://drive.example", "localhost:8760", "ws", True),
        ("https://drive.example.evil", "localhost:8760", "ws", False),
        ("http://localhost:3000", "localhost:8760", "ws", False),
        ("http://localhost", "localhost:8760", "ws", False),
        ("https://localhost:8760", "localhost:8760", "ws", False),
        ("http://localhost:8760", "localhost:8760", "wss", False),
        ("http://127.0.0.1:8760", "localhost:8760", "ws", False),
        ("http://localhost.evil.example:8760", "localhost:8760", "ws", False),
        ("http://evil.example", "localhost:8760", "ws", False),
        ("http://evil.example:8760", "evil.example:8760", "ws", False),
        ("http://localhost:8760@evil.example", "localhost:8760", "ws", False),
        ("http://evil@localhost:8760", "localhost:8760", "ws", False),
        ("http://localhost:8760/path", "localhost:8760", "ws", False),
        ("http://localhost:x", "localhost:8760", "ws", False),
        ("http://localhost:99999", "localhost:8760", "ws", False),
        ("null", "localhost:8760", "ws", False),
        ("file://", "localhost:8760", "ws", False),
        ("", "localhost:8760", "ws", False),
        (None, "localhost:8760", "ws", False),
        ("http://localhost:8760", None, "ws", False),
        ("http://0.0.0.0:8760", "0.0.0.0:8760", "ws", False),
    ],
)
def test_an_origin_is_ours_only_when_all_of_it_fits(
    origin: str | None, host: str | None, scheme: str, is_own: bool
) -> None:
    asked = scope(origin, host, scheme)
    assert is_own_origin(asked, HOSTS, ["https://drive.example", ""]) is is_own


def test_two_origins_or_two_hosts_are_none() -> None:
    for extra in ((b"origin", b"http://localhost:8760"), (b"host", b"localhost:8760")):
        asked = scope("http://localhost:8760")
        asked["headers"].append(extra)
        assert not is_own_origin(asked, HOSTS)


@pytest.mark.parametrize("path", ["/ws/trips/0192f0aa-7e1b-7c3d-9f00-aa11bb22cc33/", "/ws/other/"])
async def test_a_foreign_page_is_refused_at_the_handshake(path: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = HOSTS
    headers = scope("http://evil.example")["headers"]
    socket = WebsocketCommunicator(sockets, path, headers=headers)
    is_open, _ = await socket.connect()
    assert not is_open
