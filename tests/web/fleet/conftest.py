"""Whoever runs the installation, at work on its gears and roads."""

import pytest
from django.test import Client

from orchestrator.models import User
from orchestrator.services.upkeep import startup


@pytest.fixture
def editor(root: User) -> Client:
    startup.prepare()
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture(autouse=True)
def prepared(db: None) -> None:
    startup.prepare()
