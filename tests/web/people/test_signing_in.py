"""Signing in with a second factor, and what the sign-in page offers to whom."""

from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import OpenSession, User
from orchestrator.services.people import accounts, factors, signin

GOOD = "correct horse battery"
FORM = {"username": "ada", "password": GOOD, "next": "/trips/"}


@pytest.fixture
def ada(db: None) -> User:
    return accounts.create("ada", GOOD)


@pytest.fixture
def codes(ada: User) -> list[str]:
    """Her second factor is on since an hour."""
    app = pyotp.parse_uri(factors.begin(ada))
    before = timezone.now() - timedelta(hours=1)
    made = factors.confirm(ada, app.at(before), before)
    assert made is not None
    return made


def code_of(user: User) -> str:
    factor = user.second_factor
    return pyotp.TOTP(factors._secret(factor) or "").now()


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_password_alone_does_not_sign_in(ada: User, codes: list[str]) -> None:
    client = Client()
    assert client.post("/sign-in/", FORM).headers["Location"] == "/sign-in/code/"
    assert not is_in(client)
    answer = client.post("/sign-in/code/", {"code": "000000"})
    assert answer.status_code == 422
    assert not is_in(client)
    answer = client.post("/sign-in/code/", {"code": code_of(ada)})
    assert answer.headers["Location"] == "/trips/"
    assert is_in(client)


def test_a_recovery_code_signs_in_once(ada: User, codes: list[str]) -> None:
    for expected in (302, 422):
        client = Client()
        client.post("/sign-in/", FORM)
        assert client.post("/sign-in/code/", {"code": codes[0]}).status_code == expected


def test_guessing_at_the_code_is_stopped(ada: User, codes: list[str]) -> None:
    client = Client()
    client.post("/sign-in/", FORM)
    answers = [client.post("/sign-in/code/", {"code": "000000"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert client.post("/sign-in/code/", {"code": code_of(ada)}).status_code == 429


def test_a_code_without_a_password_is_nothing(ada: User, codes: list[str]) -> None:
    answer = Client().post("/sign-in/code/", {"code": code_of(ada)})
    assert answer.headers["Location"].startswith("/sign-in/?next=")


def test_a_password_that_was_changed_meanwhile_ends_the_wait(ada: User, codes: list[str]) -> None:
    client = Client()
    client.post("/sign-in/", FORM)
    accounts.set_password(ada, "another horse battery")
    assert client.post("/sign-in/code/", {"code": code_of(ada)}).status_code == 302
    assert not is_in(client)


def test_a_leaver_waits_for_nothing(ada: User, codes: list[str]) -> None:
    client = Client()
    client.post("/sign-in/", FORM)
    accounts.deactivate(ada)
    client.post("/sign-in/code/", {"code": code_of(ada)})
    assert not is_in(client)


def test_the_link_from_the_terminal_needs_no_code(ada: User, codes: list[str]) -> None:
    client = Client()
    client.get(signin.make_link("", ada, timezone.now()))
    assert is_in(client)


def test_alone_one_is_shown_the_link_and_nothing_of_passwords(db: None) -> None:
    signin.ensure_owner()
    html = Client().get("/sign-in/").content.decode()
    assert "clutch link" in html
    assert "<details>" in html


def test_where_there_are_people_the_password_comes_first(ada: User) -> None:
    html = Client().get("/sign-in/").content.decode()
    assert "<details open>" in html


def test_every_way_in_is_a_session_of_the_person(ada: User) -> None:
    client = Client(headers={"user-agent": "Firefox/140"}, REMOTE_ADDR="10.0.0.7")
    client.post("/sign-in/", FORM)
    noted = OpenSession.objects.get()
    assert (noted.user, noted.agent, noted.address) == (ada, "Firefox/140", "10.0.0.7")
    client.post("/sign-out/")
    assert not OpenSession.objects.exists()
