"""Accounts: what a name and a password must be, and that a leaver is out at once."""

import pytest
from django.utils import timezone

from orchestrator.models import AuditEntry, Membership, Team, Trip, User
from orchestrator.services.people import accounts, sessions, signin, tokens
from orchestrator.services.people.accounts import AccountRefused
from orchestrator.services.people.names import NameRefused
from tests.services.people.crew import Crew, muster

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


@pytest.fixture
def crew() -> Crew:
    return muster()


def test_an_account_is_made_with_a_good_password() -> None:
    made = accounts.create("ada", GOOD, email="ada@example.com", name="Ada L.")
    assert made.check_password(GOOD)
    assert not made.is_staff
    assert AuditEntry.objects.get().what == "Account of ada created"
    assert GOOD not in str(AuditEntry.objects.values().get())


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ADA", GOOD),
        ("", GOOD),
        ("a b", GOOD),
        ("a\nb", GOOD),
        ("x" * 151, GOOD),
        ("bob", "short"),
        ("bob", "password1234"),
    ],
)
def test_a_bad_name_or_password_makes_none(name: str, password: str) -> None:
    accounts.create("ada", None)
    with pytest.raises((AccountRefused, NameRefused)):
        accounts.create(name, password)
    assert User.objects.count() == 1


def test_a_leaver_is_out_at_once(crew: Crew) -> None:
    now = timezone.now()
    token = tokens.create(crew.member, "laptop")
    link = signin.make_link("", crew.member, now)
    sessions.note(crew.member, "k" * 32, "Firefox", "10.0.0.1", now)
    trip = Trip.objects.create(user=crew.member, created_at=now, deadline_at=now, source="api")
    before = crew.member.get_session_auth_hash()
    accounts.deactivate(crew.member)
    assert tokens.find(token.value, now) is None
    assert signin.use_link(link.split("/")[-2], now) is None
    assert not crew.member.open_sessions.exists()
    trip.refresh_from_db()
    assert trip.cancel_requested_at is not None
    accounts.reactivate(crew.member)
    crew.member.refresh_from_db()
    assert crew.member.is_active
    assert crew.member.get_session_auth_hash() != before
    assert tokens.find(token.value, now) is None


def test_the_only_owner_of_a_team_stays_until_there_is_another(crew: Crew) -> None:
    with pytest.raises(AccountRefused, match="only owner of the team Engineers"):
        accounts.deactivate(crew.owner)
    crew.owner.refresh_from_db()
    assert crew.owner.is_active


def test_who_may_deactivate_whom(crew: Crew) -> None:
    boss = signin.ensure_owner()
    assert not accounts.why_not_deactivate(boss, crew.owner)
    assert not accounts.why_not_deactivate(crew.admin, crew.member)
    assert accounts.why_not_deactivate(boss, boss)
    assert accounts.why_not_deactivate(crew.owner, boss)
    assert accounts.why_not_deactivate(crew.member, crew.viewer)
    assert accounts.why_not_deactivate(crew.admin, crew.owner)
    other = Team.objects.create(name="Other")
    Membership.objects.create(user=crew.member, team=other)
    assert "a team that you do not run" in accounts.why_not_deactivate(crew.admin, crew.member)


def test_a_stranger_without_a_team_is_nobodys_to_deactivate(crew: Crew) -> None:
    assert accounts.why_not_deactivate(crew.owner, crew.stranger)


def test_a_new_password_ends_what_the_old_one_opened() -> None:
    ada = accounts.create("ada", GOOD)
    before = ada.get_session_auth_hash()
    accounts.set_password(ada, "another horse battery")
    assert ada.get_session_auth_hash() != before
    with pytest.raises(AccountRefused, match="at least 12"):
        accounts.set_password(ada, "short")
