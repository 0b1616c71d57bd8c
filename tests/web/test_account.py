"""Settings: tokens are shown once, listed without their secret, revoked by their owner only."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import ApiToken, User
from orchestrator.services.people import tokens

from .conftest import ATTACK, signed_in

FORM = {"name": "laptop", "scopes": ["call", "trips"]}
SHAPE = r"clk_[a-z0-9]{12}_[\w-]{43}"


def test_a_new_token_is_shown_this_once(page: Client, ada: User) -> None:
    answer = page.post("/settings/tokens/", FORM)
    shown = re.search(SHAPE, answer.content.decode())
    assert shown is not None
    found = tokens.find(shown[0], timezone.now())
    assert found is not None
    assert found.user == ada
    assert found.scopes == ["call", "trips"]
    assert "no-store" in answer.headers["Cache-Control"]
    later = page.get("/settings/").content.decode()
    assert "laptop" in later
    assert not re.search(SHAPE, later)


def test_the_page_says_where_programs_find_the_api(page: Client) -> None:
    shown = page.get("/settings/", headers={"Host": "127.0.0.1:8760"}).content.decode()
    assert "<code>http://127.0.0.1:8760/v1</code>" in shown


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"name": "", "scopes": ["call"]}, "required"),
        ({"name": "x"}, "required"),
        ({"name": "x", "scopes": ["*"]}, "not one of the available choices"),
        ({"name": "x", "scopes": ["metrics"]}, "Only an administrator"),
        ({"name": "x" * 101, "scopes": ["call"]}, "at most 100"),
    ],
)
def test_a_token_with_too_many_rights_is_not_made(
    page: Client, form: dict[str, str | list[str]], problem: str
) -> None:
    answer = page.post("/settings/tokens/", form)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_fields_nobody_offered_change_nothing(page: Client, ada: User, eve: User) -> None:
    page.post("/settings/tokens/", {**FORM, "user": eve.pk, "is_staff": "1", "team": "1"})
    token = ApiToken.objects.get()
    assert (token.user, token.team) == (ada, None)


def test_revoking_is_for_the_owner_of_the_token(page: Client, stranger: Client, ada: User) -> None:
    made = tokens.create(ada, "laptop")
    address = f"/settings/tokens/{made.token.public_id}/revoke/"
    assert stranger.post(address).status_code == 404
    assert tokens.find(made.value, timezone.now()) is not None
    assert page.post(address).headers["Location"] == "/settings/"
    assert tokens.find(made.value, timezone.now()) is None
    assert page.post(address).status_code == 404


def test_the_name_of_a_token_is_never_html(page: Client) -> None:
    answer = page.post("/settings/tokens/", {**FORM, "name": ATTACK})
    assert ATTACK not in answer.content.decode()


def test_others_do_not_see_ones_tokens(ada: User, eve: User) -> None:
    tokens.create(ada, "private laptop")
    assert b"private laptop" not in signed_in(eve).get("/settings/").content
