"""Teams as entries: who is in them and with which role. People are named, never made."""

from typing import Any

from orchestrator.models import Team
from orchestrator.services.people import audit, names, rosters, teams
from orchestrator.services.people.audit import Area
from orchestrator.services.people.roles import RANKS
from orchestrator.services.setup.sections import asides
from orchestrator.services.setup.sections.rows import RowSection

MEMBERS = "members"


def _roles(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError('members is a table of names and roles, such as { ada = "owner" }')
    for name, role in value.items():
        if role not in RANKS:
            raise ValueError(f"{name!r} is one of: {', '.join(RANKS)}; {role!r} is not")
    return dict(sorted(value.items()))


def _members(team: Any) -> dict[str, str]:
    return {} if team.pk is None else dict(sorted(rosters.of(team).items()))


def check_team(team: Any) -> None:
    if names.clean(team.name, teams.TEAM_NAME) != team.name:
        raise ValueError("the name has spaces at its ends or several in a row")
    teams.check_is_free(team.name, except_pk=team.pk or 0)
    if team.pk is None or asides.is_given(team, MEMBERS):
        rosters.find(asides.given(team, MEMBERS) or {})


def _save(team: Any) -> None:
    is_new = team.pk is None
    team.save()
    if is_new:
        audit.record(Area.TEAMS, "Team created", after=team.name, team=team)
    if asides.is_given(team, MEMBERS):
        rosters.put(team, asides.given(team, MEMBERS))


TEAMS = RowSection(
    "teams",
    Team,
    ("name", MEMBERS),
    columns={MEMBERS: asides.aside(MEMBERS, _members, _roles)},
    check=check_team,
    save=_save,
)
