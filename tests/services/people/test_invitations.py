"""Invitations: good for so many people and so long, never above who makes them."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from orchestrator.models import AuditEntry, Invitation, User
from orchestrator.services.people import accounts, invitations
from orchestrator.services.people.invitations import InvitationRefused, Made, Wish
from orchestrator.services.people.roles import Role
from orchestrator.services.people.teams import TeamRefused
from tests.services.people.crew import Crew, muster, role_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew() -> Crew:
    return muster()


def make(crew: Crew, wish: Wish, own: str = Role.OWNER) -> Made:
    return invitations.make(crew.team, own, crew.owner, wish, "http://x/")


def token_of(made: Made) -> str:
    return made.url.rstrip("/").rsplit("/", 1)[-1]


def test_a_link_lets_one_person_in(crew: Crew) -> None:
    token = token_of(make(crew, Wish("member")))
    invitations.accept(token, crew.stranger, timezone.now())
    assert role_of(crew.team, crew.stranger) == "member"
    crew.stranger.refresh_from_db()
    assert crew.stranger.current_team == crew.team
    late = User.objects.create_user("late")
    with pytest.raises(InvitationRefused, match="used up"):
        invitations.accept(token, late, timezone.now())
    assert role_of(crew.team, late) == ""


def test_the_database_keeps_no_link(crew: Crew) -> None:
    made = make(crew, Wish("member"))
    assert token_of(made) not in str(Invitation.objects.values().get())
    assert token_of(made) not in str(list(AuditEntry.objects.values()))


def test_it_ends_with_its_day_and_when_it_is_revoked(crew: Crew) -> None:
    now = timezone.now()
    made = make(crew, Wish("member", days=2))
    assert invitations.find(token_of(made), now + timedelta(days=1, hours=23)) is not None
    assert invitations.find(token_of(made), now + timedelta(days=2, minutes=1)) is None
    assert invitations.revoke(crew.team, made.invitation.pk, now)
    assert invitations.find(token_of(made), now) is None
    assert not invitations.revoke(crew.team, made.invitation.pk, now)


def test_one_for_many_counts_and_nobody_uses_it_twice(crew: Crew) -> None:
    token = token_of(make(crew, Wish("viewer", uses=2)))
    invitations.accept(token, crew.stranger, timezone.now())
    with pytest.raises(InvitationRefused, match="already"):
        invitations.accept(token, crew.stranger, timezone.now())
    assert Invitation.objects.get().uses == 1


@pytest.mark.parametrize(
    ("own", "role", "works"),
    [
        (Role.OWNER, "owner", True),
        (Role.ADMIN, "admin", True),
        (Role.ADMIN, "owner", False),
        (Role.MEMBER, "viewer", False),
        (Role.OWNER, "king", False),
    ],
)
def test_nobody_invites_above_themselves(crew: Crew, own: str, role: str, works: bool) -> None:
    if works:
        make(crew, Wish(role), own)
    else:
        with pytest.raises(TeamRefused):
            make(crew, Wish(role), own)


@pytest.mark.parametrize(
    "wish",
    [
        Wish("member", uses=0),
        Wish("member", uses=101),
        Wish("member", days=0),
        Wish("member", days=100_000_000),
        Wish("member", email="nobody"),
        Wish("member", email="a@b.example\nBcc: c@d.example"),
        Wish("member", email="a@b.example", uses=2),
    ],
    ids=str,
)
def test_absurd_wishes_are_refused(crew: Crew, wish: Wish) -> None:
    with pytest.raises(TeamRefused):
        make(crew, wish)
    assert not Invitation.objects.exists()


def test_an_e_mail_tells_who_invites_where_to(crew: Crew, settings: Settings) -> None:
    made = make(crew, Wish("member", email="new@example.com"))
    invitations.send(made, "t-owner")
    sent = mail.outbox[0]
    assert sent.to == ["new@example.com"]
    assert made.url in sent.body
    assert "Engineers" in sent.subject


def test_account_and_membership_come_together_or_not_at_all(crew: Crew) -> None:
    token = token_of(make(crew, Wish("member")))
    now = timezone.now()
    made = invitations.register(token, lambda: accounts.create("new", None), now)
    assert made.current_team == crew.team
    with pytest.raises(InvitationRefused):
        invitations.register(token, lambda: accounts.create("newer", None), now)
    assert not User.objects.filter(username="newer").exists()


@pytest.mark.django_db(transaction=True)
def test_a_link_for_one_is_not_used_by_two_at_once() -> None:
    crew = muster()
    token = token_of(make(crew, Wish("member")))
    people = [User.objects.create_user(f"new{number}") for number in range(4)]
    gate = threading.Barrier(len(people))

    def accept(user: User) -> None:
        gate.wait()
        try:
            invitations.accept(token, user, timezone.now())
        except InvitationRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(bool(role_of(crew.team, person)) for person in people) == 1
