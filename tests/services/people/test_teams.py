"""Teams: who may change whom, and that an owner is always left."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from orchestrator.models import ApiToken, AuditEntry, Membership, Team, User
from orchestrator.services.people import invitations, signin, standing, teams, tokens
from orchestrator.services.people.invitations import Wish
from orchestrator.services.people.names import NameRefused
from orchestrator.services.people.roles import Role
from orchestrator.services.people.teams import TeamRefused
from tests.services.people.crew import Crew, muster, role_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew() -> Crew:
    return muster()


def test_whoever_makes_a_team_owns_it_and_works_in_it() -> None:
    owner = signin.ensure_owner()
    team = teams.create(owner, "  The   team ")
    assert team.name == "The team"
    owner.refresh_from_db()
    assert owner.current_team == team
    assert role_of(team, owner) == Role.OWNER


def test_a_team_outside_every_budget_is_nobody_elses_to_make(crew: Crew) -> None:
    with pytest.raises(TeamRefused, match="Only whoever runs"):
        teams.create(crew.owner, "Mine")


@pytest.mark.parametrize(
    "name", ["", "   ", "…", "a\r\nSet-Cookie: x", "a\x00b", "\u202eevil", "x" * 101]
)
def test_a_name_is_one_line_of_plain_text(name: str) -> None:
    with pytest.raises(NameRefused):
        teams.create(signin.ensure_owner(), name)
    assert not Team.objects.exists()


def test_names_of_teams_differ_by_more_than_capitals(crew: Crew) -> None:
    with pytest.raises(TeamRefused, match="already"):
        teams.create(signin.ensure_owner(), "ENGINEERS")
    other = teams.create(signin.ensure_owner(), "Writers")
    with pytest.raises(TeamRefused, match="already"):
        teams.rename(other, "engineers")
    teams.rename(other, "Authors")
    other.refresh_from_db()
    assert other.name == "Authors"


@pytest.mark.parametrize(
    ("own", "other", "given", "works"),
    [
        (Role.OWNER, Role.MEMBER, Role.OWNER, True),
        (Role.OWNER, Role.ADMIN, Role.VIEWER, True),
        (Role.ADMIN, Role.MEMBER, Role.ADMIN, True),
        (Role.ADMIN, Role.MEMBER, Role.OWNER, False),
        (Role.ADMIN, Role.OWNER, Role.MEMBER, False),
        (Role.MEMBER, Role.VIEWER, Role.MEMBER, False),
        (Role.VIEWER, Role.VIEWER, Role.OWNER, False),
        (Role.OWNER, Role.MEMBER, "king", False),
    ],
)
def test_nobody_gives_or_touches_a_role_above_their_own(
    crew: Crew, own: str, other: str, given: str, works: bool
) -> None:
    person = getattr(crew, str(other))
    if works:
        teams.set_role(crew.team, own, person.pk, given)
        assert role_of(crew.team, person) == given
    else:
        with pytest.raises(TeamRefused):
            teams.set_role(crew.team, own, person.pk, given)
        assert role_of(crew.team, person) == other


def test_the_last_owner_neither_leaves_nor_steps_down(crew: Crew) -> None:
    for attempt in (
        lambda: teams.leave(crew.team, crew.owner),
        lambda: teams.remove(crew.team, Role.OWNER, crew.owner.pk),
        lambda: teams.set_role(crew.team, Role.OWNER, crew.owner.pk, Role.MEMBER),
    ):
        with pytest.raises(TeamRefused, match="needs an owner"):
            attempt()
    assert role_of(crew.team, crew.owner) == Role.OWNER


def test_an_owner_who_is_deactivated_does_not_count(crew: Crew) -> None:
    Membership.objects.filter(user=crew.admin).update(role=Role.OWNER)
    User.objects.filter(pk=crew.admin.pk).update(is_active=False)
    with pytest.raises(TeamRefused, match="needs an owner"):
        teams.leave(crew.team, crew.owner)


def test_a_team_is_handed_over(crew: Crew) -> None:
    teams.transfer(crew.team, crew.owner, crew.member.pk)
    assert role_of(crew.team, crew.member) == Role.OWNER
    assert role_of(crew.team, crew.owner) == Role.ADMIN
    with pytest.raises(TeamRefused):
        teams.transfer(crew.team, crew.owner, crew.viewer.pk)
    with pytest.raises(TeamRefused, match="not in the team"):
        teams.transfer(crew.team, crew.member, crew.stranger.pk)


def test_whoever_leaves_loses_the_teams_tokens_and_invitations(crew: Crew) -> None:
    other = Team.objects.create(name="Second")
    Membership.objects.create(user=crew.admin, team=other)
    made = tokens.create(crew.admin, "laptop")
    ApiToken.objects.update(team=crew.team)
    link = invitations.make(crew.team, Role.ADMIN, crew.admin, Wish("member"), "http://x")
    teams.remove(crew.team, Role.OWNER, crew.admin.pk)
    now = timezone.now()
    assert tokens.find(made.value, now) is None
    assert invitations.find(link.url.split("/")[-2], now) is None
    crew.admin.refresh_from_db()
    assert crew.admin.current_team == other


def test_a_removal_can_be_undone(crew: Crew) -> None:
    role = teams.remove(crew.team, Role.ADMIN, crew.member.pk)
    assert role_of(crew.team, crew.member) == ""
    teams.restore(crew.team, Role.ADMIN, crew.member, role)
    assert role_of(crew.team, crew.member) == Role.MEMBER


def test_what_changed_is_in_the_audit_log(crew: Crew) -> None:
    teams.set_role(crew.team, Role.OWNER, crew.member.pk, Role.ADMIN)
    teams.leave(crew.team, crew.viewer)
    found = AuditEntry.objects.values_list("what", "before", "after", "team_name")
    assert list(found) == [
        ("t-viewer left", "viewer", "", "Engineers"),
        ("Role of t-member", "member", "admin", "Engineers"),
    ]


def test_standing_follows_the_team_one_works_in(crew: Crew) -> None:
    second = Team.objects.create(name="Second")
    Membership.objects.create(user=crew.viewer, team=second, role=Role.MEMBER)
    assert standing.of(crew.viewer).is_viewer
    teams.switch(crew.viewer, second)
    assert not standing.of(crew.viewer).is_viewer
    assert standing.of(crew.stranger).team is None
    with pytest.raises(TeamRefused):
        teams.switch(crew.viewer, None)


def test_viewers_and_strangers_are_told_that_they_cannot_spend(crew: Crew) -> None:
    refused = [
        name
        for name, user in crew.everybody().items()
        if standing.why_not_spend(user.pk, crew.team.pk)
    ]
    assert refused == ["viewer", "stranger"]


def test_having_no_team_is_no_way_round_its_budget(crew: Crew) -> None:
    assert "no team" in standing.why_not_spend(crew.stranger.pk, None)
    assert not standing.why_not_spend(signin.ensure_owner().pk, None)
    User.objects.update(current_team=None)
    crew.member.refresh_from_db()
    assert standing.of(crew.member).team == crew.team
    assert not standing.why_not_spend(crew.member.pk, None)
    Team.objects.all().delete()
    assert not standing.why_not_spend(crew.stranger.pk, None)
    assert not standing.of(crew.stranger).is_viewer


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_do_not_both_go() -> None:
    crew = muster()
    Membership.objects.filter(user=crew.admin).update(role=Role.OWNER)
    refused: list[TeamRefused] = []
    gate = threading.Barrier(2)

    def leave(user: User) -> None:
        gate.wait()
        try:
            teams.leave(crew.team, user)
        except TeamRefused as problem:
            refused.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[user]) for user in (crew.owner, crew.admin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert crew.team.memberships.filter(role=Role.OWNER).count() == 1
