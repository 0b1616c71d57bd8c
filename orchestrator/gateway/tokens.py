"""Who asks: an API token in whichever header a client knows, as a caller of the engine."""

from django.utils import timezone

from orchestrator.gateway.faults import Refused
from orchestrator.gateway.http import Exchange
from orchestrator.models import ApiToken, Trip
from orchestrator.services.people import standing, tokens
from orchestrator.services.people.identity import Caller
from orchestrator.services.people.tokens import Scope

HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
MISSING = (
    "No API token was sent. Make one under Settings or with `clutch tokens create`, and send it "
    "as `Authorization: Bearer …` or `x-api-key`."
)
WRONG = "The API token is wrong, expired or revoked. Make a new one with `clutch tokens create`."
SEVERAL = "Two different API tokens were sent. Send one."
NO_SCOPE = "The API token {} may not call models: its scopes are {}. Make one with the scope call."


def sent(exchange: Exchange) -> str:
    """The one token of a request, wherever it stands. Raises `Refused`."""
    found = {_bare(value) for name in HEADERS for value in exchange.values(name)} - {""}
    if not found:
        raise Refused("invalid_api_key", MISSING)
    if len(found) > 1:
        raise Refused("invalid_api_key", SEVERAL)
    return found.pop()


def _bare(value: str) -> str:
    kind, _, rest = value.strip().partition(" ")
    return rest.strip() if kind.lower() == "bearer" else value.strip()


def caller(value: str) -> Caller:
    """Raises `Refused` for a token that is not good, and for a person who may not send."""
    token = tokens.find(value, timezone.now())
    if token is None:
        raise Refused("invalid_api_key", WRONG)
    if Scope.CALL not in token.scopes:
        raise Refused("permission", NO_SCOPE.format(token.name, ", ".join(token.scopes)))
    team_id = _team_id(token)
    if why_not := standing.why_not_spend(token.user_id, team_id):
        raise Refused("permission", why_not)
    return Caller(token.user_id, Trip.Source.API, team_id=team_id, token_id=token.pk)


def _team_id(token: ApiToken) -> int | None:
    """The token's own team, else the one its owner works for now."""
    if token.team_id is not None:
        return token.team_id
    team = standing.of(token.user).team
    return team.pk if team else None
