"""Open sessions: listed, ended one by one or all at once, noted or not."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from orchestrator.models import User
from orchestrator.services.people import sessions

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def opened(user: User, *, is_noted: bool = True) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    key = store.session_key or ""
    if is_noted:
        sessions.note(user, key, "Firefox\n", "10.0.0.1", NOW)
    return key


def test_one_session_is_ended_by_its_own_person_only(ada: User) -> None:
    first, second = opened(ada), opened(ada)
    eve = User.objects.create_user("eve")
    row = sessions.of(ada).get(key=first)
    assert row.agent == "Firefox"
    assert not sessions.end(eve, row.pk)
    assert sessions.is_alive(first, ada.pk)
    assert sessions.end(ada, row.pk)
    assert not sessions.is_alive(first, ada.pk)
    assert sessions.is_alive(second, ada.pk)


def test_all_end_at_once_also_those_that_were_never_noted(ada: User) -> None:
    keys = [opened(ada), opened(ada, is_noted=False)]
    sessions.end_all(ada)
    assert [sessions.is_alive(key, ada.pk) for key in keys] == [False, False]


def test_a_session_is_nobody_elses(ada: User) -> None:
    eve = User.objects.create_user("eve")
    assert not sessions.is_alive(opened(ada), eve.pk)
    assert not sessions.is_alive("", ada.pk)
    assert not sessions.is_alive("made-up", ada.pk)


def test_a_person_who_is_deactivated_has_no_session(ada: User) -> None:
    key = opened(ada)
    User.objects.update(is_active=False)
    assert not sessions.is_alive(key, ada.pk)


def test_old_ones_are_tidied_away(ada: User) -> None:
    opened(ada)
    sessions.note(ada, "later", "", "", NOW + timedelta(days=40))
    assert [row.key for row in sessions.of(ada)] == ["later"]
