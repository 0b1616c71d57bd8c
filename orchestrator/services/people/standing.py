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

    @property
    def why_not(self) -> str:
        """Why nothing may be changed, and what to do; empty for who may."""
        if not self.is_viewer:
            return ""
        return VIEWER.format(self.team) if self.team is not None else TEAMLESS


VIEWER = (
    "You are a viewer of the team {}, and viewers change and send nothing. "
    "Ask an administrator of the team to make you a member."
)
TEAMLESS = (
    "You are in no team, so no budget pays for what you do. "
    "Open an invitation link, or ask an administrator for one."
)


def of(user: User) -> Standing:
    if user.viewing is not None:
        return Standing(*user.viewing)
    if user.current_team_id is not None:
        role = teams.role_in(user, user.current_team_id)
        if role:
            return Standing(user.current_team, role)
    return _without_choice(user)


def _without_choice(user: User) -> Standing:
    """Having no team must not be the way round its budget: where there are teams, one has one."""
    if teams.is_administrator(user) or not Team.objects.exists():
        return Standing(None, Role.MEMBER)
    held = Membership.objects.select_related("team").filter(user=user).order_by("pk").first()
    return Standing(held.team, held.role) if held else Standing(None, Role.VIEWER)


def why_not_spend(user_id: int, team_id: int | None) -> str:
    """Empty for everybody who may send; asked for every trip, so with one look where it can be."""
    if team_id is None and not Team.objects.exists():
        return ""
    user = User.objects.select_related("current_team").get(pk=user_id)
    if teams.is_administrator(user):
        return ""
    if team_id is None:
        return _without_choice(user).why_not
    held = Membership.objects.select_related("team").filter(user=user, team_id=team_id).first()
    return Standing(held.team, held.role).why_not if held else TEAMLESS
