"""Which models a provider has, which local servers answer, and gears made of what was found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from orchestrator import runtime
from orchestrator.models import Gear, Provider
from orchestrator.providers.errors import ProviderError
from orchestrator.providers.ollama import adapter
from orchestrator.providers.vocabulary import DiscoveredModel
from orchestrator.routing.types import Capability
from orchestrator.services.database import in_thread
from orchestrator.services.money import prices
from orchestrator.services.money.budgets import InvalidAmount
from orchestrator.services.setup import catalogue, fleet

NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")
FRESH = timedelta(minutes=30)
# Billions of parameters below which a local model is of level 1, 2, 3, 4.
LEVEL_BELOW_B = ((2, 1), (8, 2), (30, 3), (100, 4))
DEFAULT_LEVEL = 3
KNOWN_CAPABILITIES = frozenset(capability.value for capability in Capability)


class GearRefused(ValueError):
    """The gear cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    model: DiscoveredModel
    level: int
    gear: str = ""  # the gear that uses it already

    def document(self) -> dict[str, Any]:
        return {
            "model_id": self.model.model_id,
            "level": self.level,
            "context_window": self.model.context_window,
            "capabilities": sorted(self.model.capabilities),
            "gear": self.gear,
        }


async def discover(provider_name: str) -> list[Suggestion]:
    """Ask a provider what it serves. Nothing that exists is changed."""
    spec = await in_thread(fleet.provider_spec, provider_name)
    models = await runtime.client(spec).list_models()
    await in_thread(_mark_seen, provider_name, models)
    known = await in_thread(_gears_by_model, provider_name)
    return [
        Suggestion(model, level_of(model), known.get(model.model_id, ""))
        for model in sorted(models, key=lambda model: model.model_id)
    ]


def _gears_by_model(provider_name: str) -> Mapping[str, str]:
    rows = Gear.objects.filter(provider__name=provider_name)
    return dict(rows.values_list("model_id", "name"))


def _mark_seen(provider_name: str, models: tuple[DiscoveredModel, ...]) -> None:
    ids = [model.model_id for model in models]
    now = timezone.now()
    Gear.objects.filter(provider__name=provider_name, model_id__in=ids).update(verified_at=now)
    Gear.objects.filter(provider__name=provider_name, provider__is_local=True).exclude(
        model_id__in=ids
    ).update(verified_at=None)


def level_of(model: DiscoveredModel) -> int:
    if model.size_b is None:
        return DEFAULT_LEVEL
    return next((level for below, level in LEVEL_BELOW_B if model.size_b < below), 5)


async def check(provider_name: str) -> str:
    """Reach a provider and remember how it went; the plain reason, or an empty text."""
    spec = await in_thread(fleet.provider_spec, provider_name)
    try:
        await runtime.client(spec).check()
        problem = ""
    except ProviderError as error:
        problem = error.message
    await in_thread(_remember, provider_name, problem)
    return problem


def _remember(provider_name: str, problem: str) -> None:
    provider = Provider.objects.get(name=provider_name)
    provider.reach = Provider.Reach.DOWN if problem else Provider.Reach.OK
    provider.reach_note, provider.checked_at = problem[:300], timezone.now()
    provider.save(update_fields=["reach", "reach_note", "checked_at", "updated_at"])


async def probe_local(*, now: datetime | None = None) -> list[str]:
    """Look for local servers, all at once and briefly; returns the names of those that work."""
    waiting = await in_thread(_due, now or timezone.now())
    found = await adapter.find(tuple(provider.base_url for provider in waiting))
    working = []
    for provider in waiting:
        is_there = provider.base_url in found
        problem = await _look_into(provider.name) if is_there else "It does not answer."
        await in_thread(_remember, provider.name, problem)
        if not problem:
            working.append(provider.name)
    return working


async def _look_into(provider_name: str) -> str:
    """Note the models it has; the plain reason where it cannot name them."""
    try:
        await discover(provider_name)
    except ProviderError as error:
        return error.message
    return ""


def _due(now: datetime) -> list[Provider]:
    local = Provider.objects.filter(is_local=True, is_enabled=True).exclude(base_url="")
    stale = [
        provider
        for provider in local
        if provider.checked_at is None
        or provider.reach != Provider.Reach.OK
        or provider.checked_at < now - FRESH
    ]
    return [provider for provider in stale if not provider.base_url.endswith("/")]


@dataclass(frozen=True, slots=True)
class NewGear:
    name: str
    provider: str
    model_id: str
    level: int
    context_window: int | None = None
    capabilities: tuple[str, ...] = ()


def add_gear(new: NewGear) -> Gear:
    """A gear for a model, with what the price catalogue knows of it; unknown stays unknown."""
    gear = gear_for(new)
    with transaction.atomic():
        gear.save()
    return gear


def gear_for(new: NewGear) -> Gear:
    """The same, not yet kept."""
    provider = Provider.objects.filter(name=new.provider).first()
    if provider is None:
        raise GearRefused(
            f"There is no provider named {new.provider!r}. See: clutch providers list"
        )
    if Gear.objects.filter(name=new.name).exists():
        raise GearRefused(f"There is a gear named {new.name!r} already. Choose another name.")
    if unknown := sorted(set(new.capabilities) - KNOWN_CAPABILITIES):
        known = ", ".join(sorted(KNOWN_CAPABILITIES))
        raise GearRefused(f"{unknown[0]!r} is no ability. There are: {known}.")
    facts = catalogue.facts(provider, new.model_id)
    gear = Gear(
        name=new.name,
        title=facts.title,
        provider=provider,
        model_id=new.model_id,
        level=new.level,
        price_source=facts.price_source,
        prices=prices.to_document(facts.prices),
        context_window=new.context_window or facts.context_window or 32_000,
        max_output_tokens=facts.max_output_tokens or 8_192,
        capabilities=sorted({*new.capabilities, *facts.capabilities}),
        strengths=list(facts.strengths),
        reasoning=dict(facts.reasoning),
        verified_at=timezone.now(),
    )
    gear.full_clean(exclude=["prices", "capabilities", "strengths", "reasoning"])
    return gear


def gear_name(model_id: str) -> str:
    """A name for a gear made of a model, free to use."""
    base = NOT_IN_NAMES.sub("-", model_id.lower()).strip("-._")[:55] or "model"
    taken = set(Gear.objects.filter(name__startswith=base).values_list("name", flat=True))
    names = (base, *(f"{base}-{number}" for number in range(2, 1_000)))
    return next(name for name in names if name not in taken)


def set_price(name: str, input_usd: str, output_usd: str) -> Gear:
    """A price typed by a person, in dollars per million tokens."""
    gear = Gear.objects.get(name=name)
    typed = prices.manual(prices.PerMillion(input_usd, output_usd))
    if not typed.base.input and not typed.base.output:
        raise InvalidAmount(f"A price of 0? If it costs nothing: clutch gears set {name} --free")
    gear.prices = prices.to_document(typed)
    gear.price_source = Gear.PriceSource.MANUAL
    gear.save(update_fields=["prices", "price_source", "updated_at"])
    return gear
