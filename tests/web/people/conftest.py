"""A team with one of each role, each with a browser of their own."""

from collections.abc import Callable

import pytest
from django.test import Client

from orchestrator.models import User
from orchestrator.services.people import signin
from orchestrator.services.upkeep import startup
from tests.services.people.crew import Crew, muster

Browser = Callable[[str], Client]


@pytest.fixture(autouse=True)
def prepared(db: None) -> None:
    startup.prepare()


@pytest.fixture
def crew() -> Crew:
    return muster()


@pytest.fixture
def browser(crew: Crew) -> Browser:
    def of(name: str) -> Client:
        person = signin.ensure_owner() if name == "boss" else crew.everybody()[name]
        client = Client()
        client.force_login(User.objects.get(pk=person.pk))
        return client

    return of
