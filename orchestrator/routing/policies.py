"""What a driver may wish for: how good an answer has to be before a cheaper gear is enough."""

from collections.abc import Mapping

from orchestrator.routing.types import PolicySpec

PRESETS: Mapping[str, PolicySpec] = {
    "budget": PolicySpec("budget", target_quality=0.55),
    "balanced": PolicySpec("balanced", target_quality=0.80),
    "premium": PolicySpec("premium", target_quality=0.92),
}
