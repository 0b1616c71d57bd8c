"""The smallest real task for a gear: does it answer, how fast, at what cost?"""

from orchestrator.routing.types import Overrides
from orchestrator.services.driving.requests import TripRequest, from_text

TEXT = "Answer with the single word: ready"
MAX_OUTPUT_TOKENS = 64


def request_for(gear: str) -> TripRequest:
    wished = Overrides(gear=gear, throttle=0, max_output_tokens=MAX_OUTPUT_TOKENS)
    return from_text(TEXT, overrides=wished)
