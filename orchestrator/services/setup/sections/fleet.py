"""Providers, gears, roads, everyone's rules and those of single people as entries."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from orchestrator.models import Gear, Provider, Road, Rule, User
from orchestrator.providers.registry import ADAPTERS
from orchestrator.routing.types import Capability
from orchestrator.services.money import prices
from orchestrator.services.money.prices import InvalidPrices
from orchestrator.services.setup import fleet, rules
from orchestrator.services.setup.sections.rows import Column, RowSection, moment, named

# A name that would read as "let the computer choose".
RESERVED = frozenset({"auto", "default", "none"})
CAPABILITIES = tuple(capability.value for capability in Capability)


def texts(name: str, value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{name} is a list of texts")


def check_provider(provider: Provider) -> None:
    if provider.kind not in ADAPTERS:
        raise ValueError(f"{provider.kind!r} is no kind; there are: {', '.join(sorted(ADAPTERS))}")
    if not isinstance(provider.options, dict):
        raise ValueError("options is a table of names and values")
    if provider.max_concurrency < 1:
        raise ValueError("max_concurrency is at least 1")


def check_gear(gear: Gear) -> None:
    if gear.name in RESERVED:
        raise ValueError(f"{gear.name!r} cannot be the name of a gear: it means no gear at all")
    if gear.provider_id is None:
        raise ValueError("provider is missing")
    texts("capabilities", gear.capabilities)
    if unknown := sorted(set(gear.capabilities) - set(CAPABILITIES)):
        raise ValueError(f"{unknown[0]!r} is no ability; there are: {', '.join(CAPABILITIES)}")
    texts("strengths", gear.strengths)
    if not isinstance(gear.reasoning, dict):
        raise ValueError("reasoning is a table of style, levels and max_budget_tokens")
    try:
        fleet.reasoning_of(gear.reasoning)
        known = prices.from_document(gear.prices)
    except InvalidPrices as error:
        raise ValueError(str(error)) from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"reasoning: {error}") from None
    is_priced = gear.price_source in (Gear.PriceSource.CATALOGUE, Gear.PriceSource.MANUAL)
    if is_priced and known is None:
        raise ValueError(f"price_source is {gear.price_source}, but there are no prices")
    if gear.tokens_per_s <= 0 or gear.first_token_s < 0:
        raise ValueError("first_token_s and tokens_per_s are above zero")
    if gear.context_window < 1 or gear.max_output_tokens < 1:
        raise ValueError("context_window and max_output_tokens are at least 1")


def check_road(road: Road) -> None:
    if not isinstance(road.triggers, Mapping):
        raise ValueError("triggers is a table: a language, and its words")
    for language, words in road.triggers.items():
        texts(f"triggers of {language!r}", words)


def check_rule(rule: Rule) -> None:
    if not isinstance(rule.when, dict) or not isinstance(rule.then, dict):
        raise ValueError("when and then are tables of names and values")
    rules.validate(rule.when, rule.then)


def _retire(row: Any, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"is_retired is true or false; {value!r} is not")
    row.retired_at = (row.retired_at or timezone.now()) if value else None


PROVIDERS = RowSection(
    "providers",
    Provider,
    (
        *("name", "title", "kind", "base_url", "credential", "options", "is_local", "is_enabled"),
        *("max_concurrency", "requests_per_minute", "tokens_per_minute"),
    ),
    check=check_provider,
)
GEARS = RowSection(
    "gears",
    Gear,
    (
        *("name", "title", "level", "provider", "model_id", "price_source", "prices"),
        *("context_window", "max_output_tokens", "capabilities", "strengths", "reasoning"),
        *("first_token_s", "tokens_per_s", "order", "is_enabled", "is_retired"),
    ),
    columns={
        "provider": named("provider", Provider.objects.all),
        "is_retired": Column(lambda row: row.retired_at is not None, _retire),
    },
    own=lambda rows: rows.select_related("provider"),
    check=check_gear,
)
ROADS = RowSection(
    "roads",
    Road,
    (
        *("name", "title", "task_type", "default_gear", "level", "throttle", "pattern"),
        *("min_confidence", "triggers", "needs_specialists", "order", "is_enabled"),
    ),
    check=check_road,
)
RULES = RowSection(
    "rules",
    Rule,
    ("name", "when", "then", "reason", "ends_at", "order", "is_enabled"),
    columns={"ends_at": moment("ends_at")},
    own=lambda rows: rows.filter(is_personal=False),
    check=check_rule,
)


def _bind(rule: Rule) -> None:
    rule.is_personal = True
    rule.save()


def check_personal_rule(rule: Rule) -> None:
    if rule.made_by is None:
        raise ValueError("user is missing: a personal rule binds one person")
    check_rule(rule)


PERSONAL_RULES = RowSection(
    "personal_rules",
    Rule,
    ("name", "user", "when", "then", "reason", "ends_at", "order", "is_enabled"),
    columns={"user": named("made_by", User.objects.all, "username"), "ends_at": moment("ends_at")},
    own=lambda rows: rows.filter(is_personal=True, made_by__isnull=False).select_related("made_by"),
    check=check_personal_rule,
    save=_bind,
)
