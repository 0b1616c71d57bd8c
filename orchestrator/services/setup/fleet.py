"""The fleet as decisions see it, and what keeps parts of it from being used."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.utils import timezone

from orchestrator.models import Currency, FleetVersion, Gear, Provider, Road
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.registry import AGENTIC_KINDS
from orchestrator.routing.types import (
    FREE,
    Capability,
    Effort,
    Fleet,
    GearSpec,
    Pattern,
    Prices,
    ReasoningStyle,
    ReasoningSupport,
    RoadSpec,
)
from orchestrator.services.money import prices
from orchestrator.services.setup import credentials, rules

EXECUTABLES = {
    "claude-cli": "claude",
    "kimi-cli": "kimi",
    "codex-cli": "codex",
    "gemini-cli": "gemini",
}


def version() -> int:
    return FleetVersion.current()


def snapshot() -> Fleet:
    """Everything a decision may choose from; read anew when the version or the minute moved."""
    return _load(version(), int(timezone.now().timestamp() // 60))


@lru_cache(maxsize=2)
def _load(number: int, minute: int) -> Fleet:
    """`minute` is part of the key because dated rules end without a change of the version."""
    gears = Gear.objects.filter(is_enabled=True, retired_at=None, provider__is_enabled=True)
    return Fleet(
        gears=tuple(gear_spec(gear) for gear in gears.select_related("provider")),
        roads=tuple(road_spec(road) for road in Road.objects.filter(is_enabled=True)),
        rules=rules.active(timezone.now()),
        version=number,
    )


def gear_spec(gear: Gear) -> GearSpec:
    provider = gear.provider
    return GearSpec(
        name=gear.name,
        level=gear.level,
        provider=provider.name,
        model_id=gear.model_id,
        prices=prices_of(gear),
        context_window=gear.context_window,
        max_output_tokens=gear.max_output_tokens,
        capabilities=frozenset(Capability(name) for name in gear.capabilities),
        strengths=frozenset(gear.strengths),
        reasoning=reasoning_of(gear.reasoning),
        order=gear.order,
        title=gear.title,
        is_local=provider.is_local,
        is_demo=provider.kind == "demo",
        is_agentic=provider.kind in AGENTIC_KINDS,
        first_token_s=gear.first_token_s,
        tokens_per_s=gear.tokens_per_s,
    )


def prices_of(gear: Gear) -> Prices | None:
    if gear.price_source in (Gear.PriceSource.FREE, Gear.PriceSource.SUBSCRIPTION):
        return replace(FREE, version=gear.price_source)
    return prices.from_document(gear.prices)


def reasoning_of(document: Mapping[str, Any]) -> ReasoningSupport:
    return ReasoningSupport(
        style=ReasoningStyle(document.get("style", "none")),
        levels=tuple(Effort(level) for level in document.get("levels", ())),
        max_budget_tokens=document.get("max_budget_tokens", 0),
    )


def road_spec(road: Road) -> RoadSpec:
    return RoadSpec(
        name=road.name,
        title=road.title,
        task_type=road.task_type,
        default_gear=road.default_gear,
        level=road.level,
        throttle=road.throttle,
        pattern=Pattern(road.pattern),
        triggers={language: tuple(words) for language, words in road.triggers.items()},
        needs_specialists=road.needs_specialists,
        order=road.order,
        min_confidence=road.min_confidence,
    )


def provider_spec(name: str) -> ProviderSpec:
    """How to reach a provider, with its key."""
    return keyed_spec(Provider.objects.get(name=name))


def keyed_spec(provider: Provider) -> ProviderSpec:
    return spec_of(provider, credentials.secret_for(provider))


def spec_of(provider: Provider, secret: str) -> ProviderSpec:
    return ProviderSpec(
        name=provider.name,
        kind=provider.kind,
        base_url=provider.base_url,
        secret=secret,
        options=provider.options,
    )


def availability() -> dict[str, str]:
    """Providers and gears that cannot be used now, with the plain reason. Asks no network."""
    reasons = {
        provider.name: reason
        for provider in Provider.objects.filter(is_enabled=True)
        if (reason := why_unavailable(provider))
    }
    unseen = Gear.objects.filter(provider__kind="ollama", verified_at=None)
    for name in unseen.values_list("name", flat=True):
        reasons[name] = f"is not on this computer yet: clutch gears pull {name}"
    return reasons


def why_unavailable(provider: Provider) -> str:
    if provider.kind == "demo":
        return ""
    if provider.kind in AGENTIC_KINDS:
        program = provider.options.get("path") or EXECUTABLES[provider.kind]
        return "" if shutil.which(program) else f"{program} is not installed on this computer"
    if provider.is_local:
        if provider.reach == Provider.Reach.OK:
            return ""
        return f"{provider.title or provider.name} has not been seen at {provider.base_url}"
    return credentials.why_missing(provider)


def currency_now(known: Mapping[str, str] | None = None) -> Currency:
    """What answers are paid in: demo dollars as long as only the demo can give any."""
    return Currency.USD if usable_real_gear_exists(known) else Currency.DEMO


def usable_real_gear_exists(known: Mapping[str, str] | None = None) -> bool:
    """Whether anything but the demo can answer; `known` is the availability, if just read."""
    unavailable = availability() if known is None else known
    return any(
        not gear.is_demo
        and not gear.is_agentic
        and gear.name not in unavailable
        and gear.provider not in unavailable
        for gear in snapshot().gears
    )
