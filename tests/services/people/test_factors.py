"""The second factor: right codes once, recovery codes once, nothing readable in the database."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from pytest_django import Settings

from orchestrator.models import AuditEntry, RecoveryCode, SecondFactor, User
from orchestrator.services.people import attempts, factors

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def secret_of(user: User) -> str:
    return factors.spelled(factors.begin(user)).replace(" ", "")


def turned_on(user: User) -> tuple[pyotp.TOTP, list[str]]:
    app = pyotp.TOTP(secret_of(user))
    codes = factors.confirm(user, app.at(NOW), NOW)
    assert codes is not None
    return app, codes


def test_it_counts_only_after_a_first_right_code(ada: User) -> None:
    app = pyotp.TOTP(secret_of(ada))
    assert secret_of(ada) == app.secret
    assert factors.confirm(ada, "000000", NOW) is None
    assert not factors.is_on(ada)
    codes = factors.confirm(ada, app.at(NOW), NOW)
    assert codes is not None
    assert len(set(codes)) == 10
    assert factors.is_on(ada)
    assert factors.begin(ada) == ""


def test_a_code_works_once_and_only_around_its_time(ada: User) -> None:
    app, _ = turned_on(ada)
    later = NOW + timedelta(minutes=5)
    assert not factors.check(ada, app.at(NOW), NOW)
    code = app.at(later)
    assert factors.check(ada, f" {code[:3]} {code[3:]} ", later)
    assert not factors.check(ada, code, later)
    for away in (timedelta(minutes=3), timedelta(minutes=-3)):
        assert not factors.check(ada, app.at(later + away), later)
    assert factors.check(ada, app.at(later + timedelta(seconds=30)), later)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00", "\ud800"])
def test_nonsense_is_no_code(ada: User, code: str) -> None:
    turned_on(ada)
    assert not factors.check(ada, code, NOW)


def test_a_recovery_code_works_once(ada: User) -> None:
    _, codes = turned_on(ada)
    assert factors.check(ada, codes[0].upper(), NOW)
    assert not factors.check(ada, codes[0], NOW)
    assert factors.check(ada, codes[1].replace("-", " "), NOW)
    assert "Recovery code of ada used" in AuditEntry.objects.values_list("what", flat=True)


def test_renewed_codes_replace_the_old_ones(ada: User) -> None:
    _, codes = turned_on(ada)
    fresh = factors.renew_codes(ada)
    assert not factors.check(ada, codes[0], NOW)
    assert factors.check(ada, fresh[0], NOW)


def test_the_codes_of_others_are_worth_nothing(ada: User) -> None:
    _, codes = turned_on(ada)
    eve = User.objects.create_user("eve")
    turned_on(eve)
    assert not factors.check(eve, codes[0], NOW)


def test_neither_secret_nor_codes_stand_in_the_database(ada: User) -> None:
    app, codes = turned_on(ada)
    rows = str([*SecondFactor.objects.values(), *RecoveryCode.objects.values()])
    assert app.secret not in rows
    assert not [code for code in codes if code.replace("-", "") in rows]


def test_another_secret_key_opens_no_factor(ada: User, settings: Settings) -> None:
    app, _ = turned_on(ada)
    settings.SECRET_KEY = "another"
    assert not factors.check(ada, app.at(NOW + timedelta(minutes=5)), NOW + timedelta(minutes=5))


def test_turned_off_it_asks_nothing_and_leaves_nothing(ada: User) -> None:
    turned_on(ada)
    assert factors.turn_off(ada)
    assert not factors.is_on(ada)
    assert not RecoveryCode.objects.exists()
    assert not factors.turn_off(ada)


def test_guessing_codes_is_stopped(ada: User) -> None:
    tries = [attempts.may_try(factors.limits(ada), NOW) for _ in range(8)]
    assert tries == [True] * 5 + [False] * 3
    hour = [
        attempts.may_try(factors.limits(ada), NOW + timedelta(minutes=1 + n)) for n in range(55)
    ]
    assert hour.count(True) == 30 - 8
