"""Signing in: one owner, links good for one sign-in, and a brake on guessing."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.models import SignInLink, User
from orchestrator.services.people import signin

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def owner(db: None) -> User:
    return signin.ensure_owner()


def token_of(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[-1]


def test_there_is_one_owner_who_may_administrate_and_has_no_password(owner: User) -> None:
    assert signin.ensure_owner() == owner
    assert User.objects.count() == 1
    assert owner.is_owner
    assert owner.is_superuser
    assert not owner.has_usable_password()


def test_a_link_signs_in_once(owner: User) -> None:
    url = signin.make_link("http://127.0.0.1:8760/", owner, NOW)
    assert url.startswith("http://127.0.0.1:8760/sign-in/")
    assert signin.use_link(token_of(url), NOW) == owner
    assert signin.use_link(token_of(url), NOW) is None


def test_the_database_keeps_no_link(owner: User) -> None:
    token = token_of(signin.make_link("http://x", owner, NOW))
    row = SignInLink.objects.values().get()
    assert token not in str(row)


@pytest.mark.parametrize(
    ("age", "works"),
    [(timedelta(minutes=29, seconds=59), True), (timedelta(minutes=30), False)],
)
def test_a_link_ends_after_half_an_hour(owner: User, age: timedelta, works: bool) -> None:
    token = token_of(signin.make_link("http://x", owner, NOW))
    assert (signin.use_link(token, NOW + age) is not None) is works


@pytest.mark.parametrize("token", ["", "x", "null", "' OR 1=1 --", "é" * 50])
def test_a_token_that_never_was_signs_nobody_in(owner: User, token: str) -> None:
    signin.make_link("http://x", owner, NOW)
    assert signin.use_link(token, NOW) is None


def test_a_person_who_left_cannot_use_a_link(owner: User) -> None:
    token = token_of(signin.make_link("http://x", owner, NOW))
    User.objects.update(is_active=False)
    assert signin.use_link(token, NOW) is None


def test_old_links_are_tidied_away_when_a_new_one_is_made(owner: User) -> None:
    signin.make_link("http://x", owner, NOW)
    signin.make_link("http://x", owner, NOW + timedelta(days=1))
    assert SignInLink.objects.count() == 1


def may_try(name: str, address: str) -> bool:
    return signin.may_try(name, address, NOW)


@pytest.mark.usefixtures("db")
def test_the_sixth_attempt_within_a_minute_is_refused() -> None:
    tries = [may_try("ada", "10.0.0.1") for _ in range(7)]
    assert tries == [True] * 5 + [False] * 2
    assert not may_try("ADA", "10.0.0.1")
    assert may_try("ada", "10.0.0.2")
    assert may_try("bob", "10.0.0.1")
    assert signin.may_try("ada", "10.0.0.1", NOW + timedelta(minutes=1))


@pytest.mark.usefixtures("db")
def test_the_right_password_clears_the_count() -> None:
    for _ in range(4):
        may_try("ada", "10.0.0.1")
    signin.forgive("ada", "10.0.0.1")
    assert all(may_try("ada", "10.0.0.1") for _ in range(5))


@pytest.mark.usefixtures("db")
def test_one_address_cannot_go_through_all_accounts() -> None:
    tries = [may_try(f"user{number}", "10.0.0.1") for number in range(40)]
    assert tries.count(True) == signin.MAX_ATTEMPTS_OF_ADDRESS


@pytest.mark.usefixtures("db")
def test_somebody_with_an_account_cannot_guess_at_others_without_an_end() -> None:
    tries = []
    for number in range(40):
        tries.append(may_try(f"user{number}", "10.0.0.1"))
        signin.forgive("own-account", "10.0.0.1")
    assert tries.count(True) == signin.MAX_ATTEMPTS_OF_ADDRESS


@pytest.mark.usefixtures("db")
def test_many_addresses_find_no_password_of_one_account() -> None:
    tries = [may_try("ada", f"10.0.{number // 200}.{number % 200}") for number in range(150)]
    assert tries.count(True) == signin.MAX_ATTEMPTS_OF_ACCOUNT
