"""API tokens: shown once, found by their public id, refused when wrong, ended or revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from orchestrator.models import ApiToken, User
from orchestrator.services.people import tokens
from orchestrator.services.people.tokens import NewToken, Scope, TokenRefused

NOW = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def made(ada: User) -> NewToken:
    return tokens.create(ada, "laptop")


def test_a_token_is_found_by_its_value(made: NewToken) -> None:
    for value in (made.value, f"Bearer {made.value}", f" {made.value} "):
        found = tokens.find(value, NOW)
        assert found == made.token


def test_the_database_keeps_no_secret(made: NewToken) -> None:
    secret = made.value.rsplit("_", 1)[-1]
    assert secret not in str(ApiToken.objects.values().get())
    assert made.value.startswith(f"clk_{made.token.public_id}_")


def test_another_secret_key_makes_tokens_worthless(made: NewToken, settings: Settings) -> None:
    settings.SECRET_KEY = "another key of this installation, also long"
    assert tokens.find(made.value, NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer ",
        "clk_",
        "sk-' OR '1'='1",
        "'; DROP TABLE orchestrator_apitoken;--",
        "x" * 10_000,
        "clk_aaaaaaaaaaaa_" + "ä" * 43,
        "clk_aaaaaaaaaaaa_" + "\x00" * 43,
        "clk_aaaaaaaaaaaa_" + "a" * 43,
    ],
)
def test_anything_else_is_nobody(made: NewToken, value: str) -> None:
    assert tokens.find(value, NOW) is None


def test_a_wrong_secret_is_refused(made: NewToken) -> None:
    wrong = made.value[:-1] + ("a" if made.value[-1] != "a" else "b")
    assert tokens.find(wrong, NOW) is None


def test_a_revoked_token_stops_at_once(ada: User, made: NewToken) -> None:
    assert tokens.revoke(ada, made.token.public_id, NOW)
    assert tokens.find(made.value, NOW) is None
    assert not tokens.revoke(ada, made.token.public_id, NOW)
    assert list(tokens.of(ada)) == []


def test_nobody_revokes_or_sees_what_is_not_theirs(made: NewToken) -> None:
    eve = User.objects.create_user("eve")
    assert not tokens.revoke(eve, made.token.public_id, NOW)
    assert list(tokens.of(eve)) == []
    assert tokens.find(made.value, NOW) is not None


def test_a_token_ends_when_it_says(ada: User) -> None:
    made = tokens.create(ada, "short", expires_at=NOW)
    assert tokens.find(made.value, NOW - timedelta(seconds=1)) is not None
    assert tokens.find(made.value, NOW) is None


def test_the_token_of_a_person_who_left_is_refused(ada: User, made: NewToken) -> None:
    User.objects.update(is_active=False)
    assert tokens.find(made.value, NOW) is None


def test_use_is_noted_once_a_minute(
    made: NewToken, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tokens.find(made.value, NOW)
    made.token.refresh_from_db()
    assert made.token.last_used_at == NOW.replace(second=0)
    with django_assert_num_queries(1):
        tokens.find(made.value, NOW + timedelta(seconds=30))
    with django_assert_num_queries(2):
        tokens.find(made.value, NOW + timedelta(seconds=45))


@pytest.mark.parametrize(
    "options",
    [
        {"name": " "},
        {"name": "x" * 101},
        {"name": "x", "scopes": ["*"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": [Scope.METRICS]},
    ],
)
def test_a_token_with_more_rights_or_no_name_is_not_made(
    ada: User, options: dict[str, Any]
) -> None:
    with pytest.raises(TokenRefused):
        tokens.create(ada, **options)
    assert not ApiToken.objects.exists()


def test_an_administrator_may_make_a_token_for_metrics(ada: User) -> None:
    ada.is_staff = True
    assert tokens.create(ada, "prometheus", scopes=[Scope.METRICS]).token.scopes == ["metrics"]
