"""What Anthropic's list of models says about one model; plain documents, no SDK."""

from collections.abc import Mapping
from typing import Any

from orchestrator.providers.vocabulary import DiscoveredModel
from orchestrator.routing.types import Capability

CAPABILITY_OF: Mapping[str, Capability] = {
    "image_input": Capability.VISION,
    "pdf_input": Capability.PDF,
    "thinking": Capability.THINKING,
    "structured_outputs": Capability.JSON_SCHEMA,
}


def discovered(model: Mapping[str, Any]) -> DiscoveredModel:
    return DiscoveredModel(
        model_id=model["id"],
        title=model.get("display_name") or "",
        context_window=model.get("max_input_tokens"),
        max_output_tokens=model.get("max_tokens"),
        capabilities=_capabilities(model.get("capabilities")),
    )


def _capabilities(said: Mapping[str, Any] | None) -> frozenset[str]:
    """The vendor lists what differs between models; client tools work with all of them."""
    if not said:
        return frozenset()
    supported = {
        capability
        for name, capability in CAPABILITY_OF.items()
        if (said.get(name) or {}).get("supported")
    }
    return frozenset({Capability.TOOLS} | supported)
