"""What is written down of provider calls: that one begins, that it left, how it ended."""

from dataclasses import dataclass
from uuid import UUID

from orchestrator.models import Trip
from orchestrator.patterns.crew import LegResult
from orchestrator.providers.base import ProviderSpec, Timeouts
from orchestrator.providers.vocabulary import ModelRequest
from orchestrator.routing.types import Candidate

# Delivered characters per token when the provider never told: low, so that we never book less
# than was delivered.
CHARS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """A call that is about to be made."""

    trip: Trip
    path: str
    candidate: Candidate
    attempt: int
    request: ModelRequest


@dataclass(frozen=True, slots=True)
class Opened:
    leg_id: UUID
    spec: ProviderSpec
    request: ModelRequest
    timeouts: Timeouts


@dataclass(frozen=True, slots=True)
class Sending:
    """The request leaves now: from here on the provider may charge."""

    leg_id: UUID


@dataclass(frozen=True, slots=True)
class Timing:
    seconds: float
    first_token_s: float | None


@dataclass(frozen=True, slots=True)
class Ending:
    leg_id: UUID
    trip_id: UUID
    candidate: Candidate
    request: ModelRequest
    result: LegResult
    timing: Timing
    # With the key it was called with: a breaker belongs to a key, not to a provider alone.
    spec: ProviderSpec


Booking = Opening | Ending


class Paced(Exception):
    """The provider's rate has no room for this call yet."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"Not before {wait_s:.1f} s.")
        self.wait_s = wait_s


def request_tokens(request: ModelRequest) -> int:
    chars = len(request.system) + sum(len(message.text) for message in request.messages)
    return -(-chars // CHARS_PER_TOKEN)
