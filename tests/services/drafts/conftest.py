"""A shipped installation and two people who edit it."""

import pytest

from orchestrator.models import User
from orchestrator.services.upkeep import startup


@pytest.fixture(autouse=True)
def shipped(db: None) -> None:
    startup.prepare()


@pytest.fixture
def ada(shipped: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def bob(shipped: None) -> User:
    return User.objects.create_user("bob")
