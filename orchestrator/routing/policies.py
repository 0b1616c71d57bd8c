"""What a driver may wish for: how good an answer has to be before a cheaper gear is enough."""

from collections.abc import Mapping
from itertools import pairwise

from orchestrator.routing.types import PolicySpec

PRESETS: Mapping[str, PolicySpec] = {
    "budget": PolicySpec("budget", target_quality=0.55),
    "balanced": PolicySpec("balanced", target_quality=0.80),
    "premium": PolicySpec("premium", target_quality=0.92),
}
# Where the presets stand on a slider from cheap to good.
SLIDER = ((0, "budget"), (50, "balanced"), (100, "premium"))


def named(text: str) -> PolicySpec | None:
    """A preset by its name, or a place on the slider by its number; None for anything else."""
    if text in PRESETS:
        return PRESETS[text]
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100):
        return None
    return PolicySpec(str(int(text)), target_quality=_quality(int(text)))


def _quality(place: int) -> float:
    for (low, cheaper), (high, better) in pairwise(SLIDER):
        if place <= high:
            share = (place - low) / (high - low)
            start, end = PRESETS[cheaper].target_quality, PRESETS[better].target_quality
            return round(start + share * (end - start), 4)
    return PRESETS["premium"].target_quality
