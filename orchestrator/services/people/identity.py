"""On whose behalf a trip is driven."""

from dataclasses import dataclass
from uuid import UUID

from orchestrator.models import Trip


@dataclass(frozen=True, slots=True)
class Caller:
    """`is_owner_at_machine` is true only for the owner at this computer's own terminal."""

    user_id: int
    source: Trip.Source
    team_id: int | None = None
    token_id: UUID | None = None
    is_owner_at_machine: bool = False
