"""What the lists of models say about one model, in the dialects of those who say more."""

from orchestrator.providers.vocabulary import DiscoveredModel
from orchestrator.providers.wire.fields import Document, count, document, text
from orchestrator.routing.types import Capability

WINDOWS = ("context_length", "max_model_len", "max_context_length", "context_window")


def discovered(model: Document) -> DiscoveredModel:
    windows = [count(model.get(name)) for name in WINDOWS]
    windows.append(count(document(model.get("meta")).get("n_ctx")))
    answer = document(model.get("top_provider")).get("max_completion_tokens")
    return DiscoveredModel(
        model_id=text(model.get("id")),
        title=text(model.get("display_name")) or text(model.get("name")),
        context_window=next((window for window in windows if window), None),
        max_output_tokens=count(answer) or count(model.get("max_completion_tokens")) or None,
        capabilities=_capabilities(model),
    )


def _capabilities(model: Document) -> frozenset[str]:
    inputs = document(model.get("architecture")).get("input_modalities") or ()
    parameters = model.get("supported_parameters") or ()
    own = document(model.get("capabilities"))
    claims = {
        Capability.VISION: "image" in inputs
        or own.get("vision") is True
        or model.get("supports_image_in") is True,
        Capability.PDF: "file" in inputs,
        Capability.TOOLS: "tools" in parameters or own.get("function_calling") is True,
        Capability.THINKING: "reasoning" in parameters
        or own.get("reasoning") is True
        or model.get("supports_reasoning") is True,
        Capability.JSON_SCHEMA: "structured_outputs" in parameters,
    }
    return frozenset(capability for capability, is_claimed in claims.items() if is_claimed)
