"""What all tests share: a private home directory, no network beyond this machine."""

import os
import tempfile

# Before Django reads its settings: tests never touch a person's own installation.
os.environ["CLUTCH_HOME"] = tempfile.mkdtemp(prefix="clutch-tests-")
os.environ["CLUTCH_TEST"] = "1"
for name in ("DATABASE_URL", "REDIS_URL", "CLUTCH_SECRET_KEY", "PORT", "HOST"):
    os.environ.pop(name, None)

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture(autouse=True)
def only_this_machine() -> None:
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
