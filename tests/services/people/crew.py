"""A team with one of each role, and a stranger to it."""

from dataclasses import dataclass

from orchestrator.models import Membership, Team, User
from orchestrator.services.people.roles import Role


@dataclass(frozen=True)
class Crew:
    team: Team
    owner: User
    admin: User
    member: User
    viewer: User
    stranger: User

    def everybody(self) -> dict[str, User]:
        names = ("owner", "admin", "member", "viewer", "stranger")
        return {name: getattr(self, name) for name in names}


def muster() -> Crew:
    team = Team.objects.create(name="Engineers")
    people = {}
    for role in Role:
        person = User.objects.create_user(f"t-{role}", current_team=team)
        Membership.objects.create(user=person, team=team, role=role)
        people[role.value] = person
    return Crew(team, stranger=User.objects.create_user("t-stranger"), **people)


def role_of(team: Team, user: User) -> str:
    held = Membership.objects.filter(team=team, user=user).first()
    return held.role if held else ""
