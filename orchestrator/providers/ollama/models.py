"""What an Ollama host says about one of its models."""

import re

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.ollama.window import num_ctx
from orchestrator.providers.vocabulary import DiscoveredModel
from orchestrator.providers.wire.fields import Document, count, document, text
from orchestrator.routing.types import Capability

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([BM])", re.IGNORECASE)
OWN_WINDOW = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)


def name_of(entry: Document) -> str:
    return text(entry.get("model")) or text(entry.get("name"))


def discovered(entry: Document, facts: Document, spec: ProviderSpec) -> DiscoveredModel:
    """`entry` is a row of the list of models, `facts` what the host knows of that one."""
    details = document(entry.get("details"))
    return DiscoveredModel(
        model_id=name_of(entry),
        context_window=_window(facts, spec),
        capabilities=_capabilities(entry, facts),
        size_b=size_b(text(details.get("parameter_size"))),
    )


def _window(facts: Document, spec: ProviderSpec) -> int | None:
    """The model's own window, or less where the host is told to use less."""
    info = document(facts.get("model_info"))
    windows = [count(value) for key, value in info.items() if key.endswith(".context_length")]
    told = OWN_WINDOW.search(text(facts.get("parameters")))
    windows.append(num_ctx(spec) or (int(told[1]) if told else 0))
    return min((window for window in windows if window), default=None)


def _capabilities(entry: Document, facts: Document) -> frozenset[str]:
    listed = facts.get("capabilities")
    claims = (
        {claim for claim in listed if isinstance(claim, str)} if isinstance(listed, list) else set()
    )
    found = {capability for capability in Capability if capability in claims}
    # A schema binds what this host generates itself, not what it fetches from Ollama's cloud.
    if "completion" in claims and not entry.get("remote_host"):
        found.add(Capability.JSON_SCHEMA)
    return frozenset(found)


def size_b(size: str) -> float | None:
    """Billions of parameters in `4.0B` or `500M`."""
    if (found := SIZE.match(size)) is None:
        return None
    value = float(found[1])
    return value if found[2].upper() == "B" else value / 1000
