"""The owner's API token, an engine on the test's own loop, and a demo that answers at once."""

import asyncio

import pytest

from clutchweb import asgi
from orchestrator import runtime
from orchestrator.models import User
from orchestrator.services.people import tokens
from orchestrator.services.people.identity import Caller
from tests.gateway.asking import Api
from tests.services.conftest import caller, demo_pace, patient_caller

__all__ = ["caller", "demo_pace", "patient_caller"]


class NoWorkers:
    """A test needs neither workers nor a sweeper beside the request that it makes."""

    async def start(self) -> None:
        runtime.adopt(asyncio.get_running_loop())


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "engine", NoWorkers())


def client_of(user: User, **options: object) -> Api:
    return Api(tokens.create(user, "test", **options).value)  # type: ignore[arg-type]


@pytest.fixture
def api(caller: Caller) -> Api:
    """The owner's, where the demo answers at once."""
    return client_of(User.objects.get(is_owner=True))


@pytest.fixture
def patient_api(patient_caller: Caller) -> Api:
    """The same where the demo takes its time, so that there is a middle to leave in."""
    return client_of(User.objects.get(is_owner=True))
