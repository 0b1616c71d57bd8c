"""The rows the product ships with: made once, then a person's to change or delete."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from django.db import transaction

from orchestrator.models import FleetVersion, Gear, Profile, Provider, Road, Setting
from orchestrator.routing.types import Prices
from orchestrator.services.money import prices

SEEDED = "seeded"
GROUPS = ("providers", "gears", "roads", "profiles")


@cache
def defaults(group: str) -> tuple[Mapping[str, Any], ...]:
    """The tables of one file of defaults."""
    text = resources.files("orchestrator.defaults").joinpath(f"{group}.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)[group])


def ensure_defaults() -> None:
    """Insert what was never inserted before. What a person deleted stays deleted."""
    row = Setting.objects.filter(name=SEEDED).first()
    done: dict[str, list[str]] = row.value if row else {}
    missing = {
        group: [entry for entry in defaults(group) if entry["name"] not in done.get(group, ())]
        for group in GROUPS
    }
    if not any(missing.values()):
        return
    with transaction.atomic():
        for group in GROUPS:
            MAKERS[group](missing[group])
        seeded = {group: [entry["name"] for entry in defaults(group)] for group in GROUPS}
        Setting.objects.update_or_create(name=SEEDED, defaults={"value": seeded})
        FleetVersion.bump()


def _make_providers(entries: list[Mapping[str, Any]]) -> None:
    fields = ("name", "title", "kind", "base_url", "credential", "options", "is_local")
    Provider.objects.bulk_create(
        [Provider(**{name: entry[name] for name in fields if name in entry}) for entry in entries],
        ignore_conflicts=True,
    )


def _make_gears(entries: list[Mapping[str, Any]]) -> None:
    providers = {provider.name: provider for provider in Provider.objects.all()}
    Gear.objects.bulk_create(
        [
            _gear(entry, providers[entry["provider"]])
            for entry in entries
            if entry["provider"] in providers
        ],
        ignore_conflicts=True,
    )


def _gear(entry: Mapping[str, Any], provider: Provider) -> Gear:
    fields = {
        name: value
        for name, value in entry.items()
        if name not in ("provider", "usd_per_million", "price_source")
    }
    known = _prices(entry, provider)
    source = entry["price_source"]
    if source == Gear.PriceSource.CATALOGUE and known is None:
        source = Gear.PriceSource.UNKNOWN
    return Gear(provider=provider, price_source=source, prices=prices.to_document(known), **fields)


def _prices(entry: Mapping[str, Any], provider: Provider) -> Prices | None:
    if typed := entry.get("usd_per_million"):
        return prices.manual(prices.PerMillion(typed["input"], typed["output"]))
    if entry["price_source"] == Gear.PriceSource.CATALOGUE:
        return prices.lookup(provider.kind, provider.base_url, entry["model_id"])
    return None


def _make_roads(entries: list[Mapping[str, Any]]) -> None:
    Road.objects.bulk_create([Road(**entry) for entry in entries], ignore_conflicts=True)


def _make_profiles(entries: list[Mapping[str, Any]]) -> None:
    Profile.objects.bulk_create([Profile(**entry) for entry in entries], ignore_conflicts=True)


MAKERS = {
    "providers": _make_providers,
    "gears": _make_gears,
    "roads": _make_roads,
    "profiles": _make_profiles,
}
