"""The servers that tests start are real, and a missing one is a failure that says what to do."""

import psycopg
import pytest
import redis

from tests import servers
from tests.installations import Installation
from tests.servers import ServerMissing


@pytest.mark.postgres
def test_postgres_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("clutch",)


@pytest.mark.redis
def test_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.config_get("save") == {"save": ""}


def test_a_missing_server_fails_and_says_what_to_install() -> None:
    with pytest.raises(ServerMissing, match="apt-get install"):
        servers.find("no-such-server")


@pytest.mark.process
def test_an_installation_is_migrated_and_private(installation: Installation) -> None:
    shown = installation.run("manage.py", "showmigrations", "--plan", "--skip-checks")
    assert "[ ]" not in shown
    assert "[X]  orchestrator.0002_protect_ledger" in shown
