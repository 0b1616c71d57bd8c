"""Every command that docker-compose.yml names really runs, here without Docker around it."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests import servers
from tests.process.chatting import send
from tests.process.served import CLUTCH, LINK, ROOT, ServedHome

pytestmark = [pytest.mark.process, pytest.mark.postgres, pytest.mark.redis]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
    "services"
]
SECRETS = {
    "CLUTCH_SECRET_KEY": "secret-" * 8,
    "CLUTCH_ENCRYPTION_KEY": "ab" * 32,
    "POSTGRES_PASSWORD": "postgres-password",
    "REDIS_PASSWORD": "redis-password",
}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+):(?:-|\?)([^}]*)\}")


@dataclass
class Containers:
    """Names of hosts and ports of containers become those of this computer."""

    folder: Path
    database_url: str
    port: int
    redis_port: int

    @property
    def host(self) -> str:
        return self.database_url.partition("@")[2].partition("/")[0]

    def text(self, written: str) -> str:
        known = {**SECRETS, "PORT": str(self.port)}
        text = VARIABLE.sub(lambda found: known.get(found[1], found[2]), written)
        for name, place in (
            ("postgres:5432", self.host),
            ("redis:6379", f"127.0.0.1:{self.redis_port}"),
            ("redis-cli ping", f"redis-cli -p {self.redis_port} ping"),
            ("port 6379", f"port {self.redis_port}\nbind 127.0.0.1"),
            ("0.0.0.0", "127.0.0.1"),
        ):
            text = text.replace(name, place)
        return text.replace("$$", "$")

    def environment(self, service: str) -> dict[str, str]:
        wanted = SERVICES[service].get("environment", {})
        return {
            "PATH": f"{CLUTCH.parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PGHOST": "127.0.0.1",
            "PGPORT": self.host.rpartition(":")[2],
            "CLUTCH_HOME": str(self.folder / "data"),
            **{name: self.text(value) for name, value in wanted.items()},
        }

    def command(self, service: str) -> list[str]:
        return [self.text(word) for word in SERVICES[service]["command"]]

    def run(self, service: str, command: list[str]) -> int:
        return subprocess.run(
            command,
            env=self.environment(service),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            timeout=60,
            check=False,
        ).returncode

    def is_well(self, service: str) -> bool:
        how, *words = map(self.text, SERVICES[service]["healthcheck"]["test"])
        command = ["sh", "-c", *words] if how == "CMD-SHELL" else words
        return self.run(service, command) == 0

    @contextmanager
    def started(self, service: str, says: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
        with subprocess.Popen(
            self.command(service),
            env=self.environment(service),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                lines = process.stdout or ()
                yield process, next(line for line in lines if says in line)
            finally:
                process.terminate()
                process.communicate(timeout=60)
            assert process.returncode in (0, -signal.SIGTERM), service


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[Containers]:
    with servers.postgres() as url:
        yield Containers(tmp_path, url, servers.free_port(), servers.free_port())


def test_the_services_start_in_their_order_drive_a_chat_and_say_that_they_are_well(
    containers: Containers,
) -> None:
    with ExitStack() as stack:
        stack.enter_context(containers.started("redis", "Ready to accept connections"))
        assert containers.is_well("redis")
        assert containers.is_well("postgres")
        assert containers.run("migrate", containers.command("migrate")) == 0
        _, said = stack.enter_context(containers.started("web", "Sign in"))
        stack.enter_context(containers.started("worker", "takes trips"))
        stack.enter_context(containers.started("sweeper", "looks every"))
        found = LINK.search(said)
        assert found is not None
        home = ServedHome(containers.folder, port=containers.port)
        with httpx.Client(
            base_url=home.url, follow_redirects=True, trust_env=False, timeout=60
        ) as reader:
            reader.get(found[0])
            events = reader.get(send(reader, home, "Say hello") + "events/").text
        assert events.count("event: trip_finished") == 1
        assert [containers.is_well(name) for name in ("web", "worker", "sweeper")] == [True] * 3
        # the documentation's `docker compose exec web clutch link`
        assert containers.run("web", ["clutch", "link"]) == 0
    assert [containers.is_well(name) for name in ("web", "worker")] == [False, False]


def test_redis_wants_the_password_and_keeps_it_from_the_command_line(
    containers: Containers,
) -> None:
    with containers.started("redis", "Ready to accept connections") as (process, _):
        shown = Path(f"/proc/{process.pid}/cmdline").read_text()
        ask = ["redis-cli", "-p", str(containers.redis_port), "ping"]
        told = [
            subprocess.run(
                ask,
                env={"PATH": os.environ["PATH"], "REDISCLI_AUTH": word},
                capture_output=True,
                text=True,
            ).stdout
            for word in (SECRETS["REDIS_PASSWORD"], "")
        ]
    assert SECRETS["REDIS_PASSWORD"] not in shown
    assert told[0].strip() == "PONG"
    assert "NOAUTH" in told[1]
