"""What a new member of a team will have: models and money, told before they join."""

from dataclasses import dataclass
from datetime import datetime

from orchestrator.models import Currency, Team, Trip
from orchestrator.routing.fuel import dollars
from orchestrator.services.money import gauges
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet, policies

# Whoever is not here yet has nothing of their own.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Kit:
    gears: tuple[str, ...]
    budget: str


def of(team: Team, now: datetime) -> Kit:
    """Every model that answers and that the team's profile allows, from the first minute."""
    missing = fleet.availability()
    policy = policies.driving(Caller(NOBODY, Trip.Source.PAGE, team_id=team.pk)).policy
    usable = [
        gear
        for gear in fleet.snapshot().gears
        if policies.allows(policy, gear)
        and not gear.is_agentic
        and gear.name not in missing
        and gear.provider not in missing
    ]
    real = [gear for gear in usable if not gear.is_demo]
    titles = tuple(gear.title or gear.name for gear in real or usable)
    return Kit(titles, _budget(team, now))


def _budget(team: Team, now: datetime) -> str:
    """The tightest limit that binds the team, as one line; empty without one."""
    gauge = gauges.for_user_id(NOBODY, team.pk, currency=Currency.USD, now=now)
    if gauge is None or gauge["limit_nano"] is None:
        return ""
    return f"{dollars(gauge['limit_nano'])} a {gauge['period']} ({gauge['budget']})"
