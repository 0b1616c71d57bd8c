"""Everybody in a team at once, as a text about it says: who comes, who goes, who changes role."""

from collections.abc import Mapping

from orchestrator.models import Membership, Team, User
from orchestrator.services.people import audit, teams
from orchestrator.services.people.audit import Area
from orchestrator.services.people.roles import Role
from orchestrator.services.people.teams import TeamRefused

NO_OWNER = "A team needs an owner who can sign in: give somebody the role owner."


def of(team: Team) -> dict[str, str]:
    """Roles by user name."""
    return {each.user.username: each.role for each in teams.members(team)}


def put(team: Team, wanted: Mapping[str, str]) -> None:
    """Those and nobody else are in the team afterwards. Raises `TeamRefused`."""
    people = find(wanted)
    with teams.locked(team):
        for user in sorted(people, key=lambda each: wanted[each.username] != Role.OWNER):
            _place(team, user, wanted[user.username])
        for held in teams.members(team).exclude(user__in=people):
            teams.take_out(team, held)


def find(wanted: Mapping[str, str]) -> list[User]:
    """Whom the names mean, when they can be a team together."""
    found = list(User.objects.filter(username__in=wanted))
    known = {user.username for user in found}
    if missing := sorted(set(wanted) - known):
        raise TeamRefused(
            f"There is nobody named {missing[0]!r} here. Let them join first, or leave them out."
        )
    if not any(user.is_active and wanted[user.username] == Role.OWNER for user in found):
        raise TeamRefused(NO_OWNER)
    return found


def _place(team: Team, user: User, role: str) -> None:
    held = Membership.objects.select_related("user").filter(team=team, user=user).first()
    if held is not None:
        teams.give_role(team, held, role)
        return
    Membership.objects.create(team=team, user=user, role=role)
    User.objects.filter(pk=user.pk, current_team=None).update(current_team=team)
    audit.record(Area.TEAMS, f"{user.username} joined", after=role, team=team)
