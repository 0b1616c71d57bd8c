"""The live socket knows of ended sessions and of who only looks."""

import pytest
from django.contrib.sessions.backends.db import SessionStore

from orchestrator.models import User
from orchestrator.services.people import sessions
from orchestrator.web.live import consumer
from tests.web.live.test_consumer import sign_in, trip_with

pytestmark = pytest.mark.django_db


def test_a_session_that_was_ended_everywhere_stops_nothing() -> None:
    key = sign_in("ada")
    ada = User.objects.get(username="ada")
    trip = trip_with(1, is_over=False)
    assert consumer.may_stop(key, ada.pk, trip)
    sessions.end_all(ada)
    assert not consumer.may_stop(key, ada.pk, trip)


def test_whoever_looks_as_a_member_stops_nothing() -> None:
    key = sign_in("ada")
    ada = User.objects.get(username="ada")
    trip = trip_with(1, is_over=False)
    store = SessionStore(key)
    store[sessions.VIEWING] = {"team": 1, "role": "member"}
    store.save()
    assert not consumer.may_stop(key, ada.pk, trip)
