"""What is known of a model before anybody tried it: its price from the installed catalogue, its
abilities from the gears the product ships with. Unknown stays unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.models import Gear, Provider
from orchestrator.routing.types import Prices
from orchestrator.services.money import prices
from orchestrator.services.setup import seeds


@dataclass(frozen=True, slots=True)
class Facts:
    price_source: str
    prices: Prices | None
    title: str = ""
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    reasoning: Mapping[str, Any] = field(default_factory=dict)
    is_deprecated: bool = False


def facts(provider: Provider, model_id: str) -> Facts:
    listing = prices.listing(provider.kind, provider.base_url, model_id)
    known = listing.prices if listing else None
    source = Gear.PriceSource.CATALOGUE if known else Gear.PriceSource.UNKNOWN
    if provider.is_local:
        known, source = None, Gear.PriceSource.FREE
    shipped = _shipped(provider.name, model_id)
    return Facts(
        price_source=source,
        prices=known,
        title=shipped.get("title", ""),
        context_window=shipped.get("context_window")
        or (listing.context_window if listing else None),
        max_output_tokens=shipped.get("max_output_tokens"),
        capabilities=tuple(shipped.get("capabilities", ())),
        strengths=tuple(shipped.get("strengths", ())),
        reasoning=shipped.get("reasoning", {}),
        is_deprecated=bool(listing and listing.is_deprecated),
    )


def _shipped(provider: str, model_id: str) -> Mapping[str, Any]:
    """A dated name such as `model-20261001` is the same model."""
    for entry in seeds.defaults("gears"):
        base = entry["model_id"]
        dated = model_id.removeprefix(f"{base}-")
        is_same = model_id == base or (dated != model_id and dated.isdigit())
        if entry["provider"] == provider and is_same:
            return entry
    return {}
