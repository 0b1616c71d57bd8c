"""Where the server listens, and the lock that keeps it the only one of its home."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.cli import exits, server


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLUTCH_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("::1", "http://[::1]:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("192.168.7.7", "http://192.168.7.7:80"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, url: str) -> None:
    assert server.url_of(host, 80) == url


def test_a_taken_port_leads_to_the_next_free_one(taken: int) -> None:
    with closing(server.listen("127.0.0.1", taken)) as bound:
        assert taken < bound.getsockname()[1] < taken + server.PORTS_TO_TRY


def test_a_port_is_held_from_the_moment_it_was_chosen(taken: int) -> None:
    with (
        closing(server.listen("127.0.0.1", taken)) as first,
        closing(server.listen("127.0.0.1", taken)) as second,
    ):
        assert first.getsockname()[1] != second.getsockname()[1]


def test_an_address_of_another_computer_is_refused_in_plain_words() -> None:
    with pytest.raises(exits.Ended) as ended:
        server.listen("192.0.2.1", 8760)
    assert ended.value.status == exits.FAILED
    assert "Cannot listen on 192.0.2.1" in ended.value.message


def test_the_lock_says_where_the_only_server_answers(own_home: Path) -> None:
    assert server.running() is None
    held = server.take_lock("http://127.0.0.1:8760")
    assert server.running() == server.Running(os.getpid(), "http://127.0.0.1:8760")
    assert (own_home / "server.lock").stat().st_mode & 0o077 == 0
    with pytest.raises(exits.Ended) as ended:
        server.take_lock("http://127.0.0.1:8761")
    assert "http://127.0.0.1:8760" in ended.value.message
    os.close(held)
    assert server.running() is None
