"""As what a person acts now: which team it counts for, and whether they may change anything."""

from dataclasses import dataclass

from orchestrator.models import Membership, Team, User
from orchestrator.services.people import roles, teams
from orchestrator.services.people.roles import Role


@dataclass(frozen=True, slots=True)
class Standing:
    """`team` is None where a person works alone, as everybody does before there is a team."""

    team: Team | None
    role: str

    @property
    def is_viewer(self) -> bool:
        return not roles.may_edit(self.role)


ALONE = Standing(None, Role.MEMBER)


def of(user: User) -> Standing:
    if user.viewing is not None:
        return Standing(*user.viewing)
    if user.current_team_id is None:
        return ALONE
    role = teams.role_in(user, user.current_team_id)
    return Standing(user.current_team, role) if role else ALONE


def why_not_spend(user_id: int, team_id: int | None) -> str:
    """Empty for everybody but a viewer of the team that would pay."""
    if team_id is None:
        return ""
    held = Membership.objects.filter(user_id=user_id, team_id=team_id, role=Role.VIEWER)
    viewer = held.select_related("team").exclude(user__is_owner=True).first()
    if viewer is None:
        return ""
    return (
        f"You are a viewer of the team {viewer.team}, and viewers send nothing. "
        "Ask an administrator of the team to make you a member."
    )
