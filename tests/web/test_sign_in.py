"""Signing in by link and by password, leaving, and staying on this site."""

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import User
from orchestrator.services.people import signin

from .conftest import signed_in

RIGHT = {"username": "ada", "password": "correct horse battery"}
WRONG = {"username": "ada", "password": "guess"}
SESSION = "clutch_8760_sid"


@pytest.fixture
def link(ada: User) -> str:
    return signin.make_link("", ada, timezone.now())


def is_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def test_the_link_signs_in_once_and_leads_to_the_dashboard(link: str) -> None:
    client = Client()
    answer = client.get(link)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/chat/")
    assert is_in(client)
    again = Client()
    answer = again.get(link)
    assert answer.status_code == 403
    assert b"clutch link" in answer.content
    assert not is_in(again)


def test_looking_at_the_link_does_not_use_it_up(link: str) -> None:
    client = Client()
    assert client.head(link).status_code == 405
    assert client.get(link, headers={"sec-purpose": "prefetch;prerender"}).status_code == 503
    client.get(link)
    assert is_in(client)


def test_the_right_password_signs_in(ada: User) -> None:
    client = Client()
    assert client.post("/sign-in/", RIGHT).headers["Location"] == "/chat/"
    assert is_in(client)


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_a_wrong_password_says_the_same_for_known_and_unknown(ada: User, name: str) -> None:
    answer = Client().post("/sign-in/", {**WRONG, "username": name})
    assert answer.status_code == 422
    assert b"do not fit" in answer.content
    assert b"guess" not in answer.content


def test_guessing_is_stopped_and_even_the_right_password_must_wait(ada: User) -> None:
    client = Client()
    answers = [client.post("/sign-in/", WRONG).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    answer = client.post("/sign-in/", RIGHT)
    assert answer.status_code == 429
    assert b"Wait a minute" in answer.content
    elsewhere = client.post("/sign-in/", RIGHT, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 302


def test_a_forwarded_address_does_not_help_guessing(ada: User) -> None:
    for number in range(6):
        headers = {"x-forwarded-for": f"10.0.0.{number}"}
        answer = Client().post("/sign-in/", WRONG, headers=headers)
    assert answer.status_code == 429


def test_a_person_without_a_password_cannot_guess_one(db: None) -> None:
    owner = signin.ensure_owner()
    for password in ("", "!", owner.password):
        answer = Client().post("/sign-in/", {"username": "owner", "password": password})
        assert answer.status_code == 422


def test_signing_in_gives_a_new_session(ada: User) -> None:
    client = Client()
    client.get("/sign-in/")
    client.cookies[SESSION] = "fixed-by-an-attacker"
    client.post("/sign-in/", RIGHT)
    assert client.cookies[SESSION].value != "fixed-by-an-attacker"
    assert is_in(client)


def test_after_signing_out_the_old_cookie_is_worth_nothing(ada: User) -> None:
    client = signed_in(ada)
    old = client.cookies[SESSION].value
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    thief = Client()
    thief.cookies[SESSION] = old
    assert not is_in(thief)


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/trips/", "/trips/"),
        ("/trips/?state=done", "/trips/?state=done"),
        ("//evil.example", "/chat/"),
        ("///evil.example", "/chat/"),
        ("https:evil.example", "/chat/"),
        ("https://evil.example/", "/chat/"),
        ("http://testserver/trips/", "/chat/"),
        (r"/\evil.example", "/chat/"),
        ("\t//evil.example", "/chat/"),
        ("javascript:alert(1)", "/chat/"),
        ("trips/", "/chat/"),
        ("/sign-in/?next=/", "/chat/"),
        ("", "/chat/"),
    ],
)
def test_signing_in_never_leads_away(ada: User, wanted: str, target: str) -> None:
    answer = Client().post("/sign-in/", {**RIGHT, "next": wanted})
    assert answer.headers["Location"] == target
    answer = signed_in(ada).get("/sign-in/", {"next": wanted})
    assert answer.headers["Location"] == target


def test_the_page_that_asks_is_remembered(db: None) -> None:
    answer = Client().get("/trips/?state=done", follow=True)
    assert b'name="next" value="/trips/?state=done"' in answer.content


def test_the_administration_asks_on_the_same_page(db: None, root: User) -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/?next=/admin/"
    assert Client().post("/admin/login/", RIGHT).status_code == 302
    assert signed_in(root).get("/admin/").status_code == 200


def test_a_driver_is_no_administrator(page: Client) -> None:
    answer = page.get("/admin/", follow=True)
    assert answer.status_code == 403
