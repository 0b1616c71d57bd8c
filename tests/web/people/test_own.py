"""Your account: password, sessions, second factor, each changed by its own person only."""

import re

import pyotp
import pytest
from django.test import Client

from orchestrator.models import OpenSession, User
from orchestrator.services.people import accounts, factors

GOOD, NEW = "correct horse battery", "another horse battery"


@pytest.fixture
def ada(db: None) -> User:
    return accounts.create("ada", GOOD)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/account/")
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_new_password_ends_every_other_session(ada: User) -> None:
    here, there = signed_in(ada), signed_in(ada)
    answer = here.post("/account/password/", {"current": GOOD, "password": NEW})
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(there)
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert OpenSession.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"current": "guess", "password": NEW}, "The current password is not right"),
        ({"current": GOOD, "password": "short"}, "at least 12"),
        ({"current": GOOD}, "required"),
        ({"password": NEW}, "required"),
    ],
)
def test_a_password_is_not_changed_without_the_old_one(
    ada: User, form: dict[str, str], told: str
) -> None:
    answer = signed_in(ada).post("/account/password/", form)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert GOOD not in answer.content.decode()
    ada.refresh_from_db()
    assert ada.check_password(GOOD)


def test_guessing_at_the_current_password_is_stopped(ada: User) -> None:
    client = signed_in(ada)
    form = {"current": "guess", "password": NEW}
    answers = [client.post("/account/password/", form).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_who_has_no_password_sets_a_first_one(db: None) -> None:
    eve = accounts.create("eve", None)
    client = signed_in(eve)
    assert client.post("/account/password/", {"password": NEW}).status_code == 302
    eve.refresh_from_db()
    assert eve.check_password(NEW)


def test_sessions_are_ended_one_by_one_and_all_at_once(ada: User) -> None:
    here, there, elsewhere = signed_in(ada), signed_in(ada), signed_in(ada)
    row = OpenSession.objects.get(key=there.session.session_key)
    stranger = signed_in(accounts.create("eve", None))
    assert stranger.post(f"/account/sessions/{row.pk}/end/").status_code == 404
    assert here.post(f"/account/sessions/{row.pk}/end/").status_code == 302
    assert not is_in(there)
    here.post("/account/sessions/end-others/")
    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_browser_s_name_is_never_html(ada: User) -> None:
    client = Client(headers={"user-agent": "<script>alert(1)</script>"})
    client.force_login(ada)
    assert b"<script>alert" not in client.get("/account/").content


def test_the_second_factor_is_set_up_by_scanning(ada: User) -> None:
    client = signed_in(ada)
    html = client.get("/account/second-factor/").content.decode()
    picture = re.search(r"<svg[^>]*class=\"qr\".*?</svg>", html, re.DOTALL)
    assert picture is not None
    assert "style=" not in picture[0]
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', html)
    assert secret is not None
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    assert client.post("/account/second-factor/", {"code": "000000"}).status_code == 422
    shown = client.post("/account/second-factor/", {"code": app.now()}).content.decode()
    codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{5})</li>", shown)
    assert len(codes) == 10
    assert client.get("/account/second-factor/").status_code == 302
    fresh = client.post("/account/second-factor/codes/", {"code": codes[0]}).content.decode()
    assert codes[1] not in fresh
    assert client.post("/account/second-factor/off/", {"code": codes[1]}).status_code == 422
    newer = re.findall(r"<li>([a-z0-9-]{17})</li>", fresh)
    assert client.post("/account/second-factor/off/", {"code": newer[0]}).status_code == 302
    assert not factors.is_on(ada)


def test_a_shown_name_is_plain_text(ada: User) -> None:
    client = signed_in(ada)
    assert client.post("/account/name/", {"name": "Ada\r\nL."}).status_code == 422
    assert client.post("/account/name/", {"name": " Ada  Lovelace "}).status_code == 302
    ada.refresh_from_db()
    assert ada.first_name == "Ada Lovelace"
    client.post("/account/name/", {"name": ""})
    ada.refresh_from_db()
    assert ada.first_name == ""
