"""Whose trips a person may see sums of: their own, those of teams they run, or everybody's."""

from dataclasses import dataclass

from orchestrator.models import Membership, Team, User
from orchestrator.services.people import teams
from orchestrator.services.reports.refusals import OutOfSight

Role = Membership.Role
MINE, ALL, TEAM = "mine", "all", "team"
RUNNING = (Role.OWNER.value, Role.ADMIN.value)
LOOKING = (*RUNNING, Role.VIEWER.value)


@dataclass(frozen=True, slots=True)
class Scope:
    """`shows_people` opens figures of single members, and their trips without the texts."""

    key: str
    title: str
    user_id: int | None = None
    team_id: int | None = None
    shows_people: bool = True


def of(user: User) -> list[Scope]:
    """The first is where a person begins."""
    mine = Scope(MINE, "My trips", user_id=user.pk)
    if runs_installation(user):
        known = [_team(team, Role.OWNER.value) for team in Team.objects.order_by("name")]
        return [Scope(ALL, "Everybody"), *known, mine]
    held = [each for each in teams.of(user) if each.role in LOOKING]
    held.sort(key=lambda each: each.team.name)
    return [*(_team(each.team, each.role) for each in held), mine]


def find(user: User, key: str) -> Scope:
    """Somebody else's team does not exist."""
    return chosen(of(user), key)


def chosen(known: list[Scope], key: str) -> Scope:
    if not key:
        return known[0]
    for scope in known:
        if scope.key == key:
            return scope
    raise OutOfSight(key)


def runs_installation(user: User) -> bool:
    """Whoever looks as a member of a team would sees no more than that member."""
    return user.viewing is None and (user.is_owner or user.is_staff)


def _team(team: Team, role: str) -> Scope:
    return Scope(f"{TEAM}:{team.pk}", team.name, team_id=team.pk, shows_people=role in RUNNING)
