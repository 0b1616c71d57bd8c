"""Gears (choosable models) in the draft: their order, their price, and how they end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from orchestrator.models import Gear, Provider, User
from orchestrator.services.drafts import changes, checks, entries
from orchestrator.services.drafts.changes import DraftRefused
from orchestrator.services.money import prices
from orchestrator.services.money.budgets import InvalidAmount
from orchestrator.services.money.prices import PerMillion
from orchestrator.services.setup import catalogue, discovery
from orchestrator.services.setup.discovery import GearRefused, NewGear
from orchestrator.services.setup.sections.fleet import GEARS

Entry = dict[str, Any]
LEVELS = range(1, 6)
STEP = 10
Source = Gear.PriceSource


def in_order() -> list[Entry]:
    """As they are listed and, all else being equal, preferred."""
    return sorted(entries.drafted("gears").values(), key=_place)


def _place(gear: Mapping[str, Any]) -> tuple[int, int, str]:
    return gear["level"], gear["order"], gear["name"]


def find(name: str) -> Entry | None:
    return entries.drafted_one("gears", name)


def shift(name: str, *, up: bool, user: User | None) -> None:
    """One place up or down; at the end of its level, into the next one."""
    gears = [gear for gear in in_order() if not gear["is_retired"]]
    gear = next((each for each in gears if each["name"] == name), None)
    if gear is None:
        raise DraftRefused(f"There is no gear named {name!r}.")
    level = gear["level"]
    peers = [each["name"] for each in gears if each["level"] == level]
    place = peers.index(name) + (-1 if up else 1)
    if 0 <= place < len(peers):
        others = [each for each in peers if each != name]
        place_before(name, others[place] if place < len(others) else "", level, user)
    elif (level + (-1 if up else 1)) in LEVELS:
        level += -1 if up else 1
        first = [each["name"] for each in gears if each["level"] == level]
        place_before(name, "" if up or not first else first[0], level, user)


def place_before(name: str, other: str, level: int, user: User | None) -> None:
    """Put a gear before another one of that level; an empty name means last."""
    gears = entries.drafted("gears")
    if name not in gears or level not in LEVELS:
        raise DraftRefused(f"There is no gear named {name!r}, or no level {level}.")
    peers = [gear["name"] for gear in in_order() if gear["level"] == level]
    peers = [peer for peer in peers if peer != name]
    at = peers.index(other) if other in peers else len(peers)
    peers.insert(at, name)
    wanted = [
        {**gears[peer], "level": level, "order": STEP * number}
        for number, peer in enumerate(peers, 1)
    ]
    changes.put_many("gears", [each for each in wanted if each != gears[each["name"]]], user)


@dataclass(frozen=True, slots=True)
class Price:
    """What a person said about the price: keep it, look it up, free, or what was typed."""

    source: str
    typed: PerMillion | None = None


def with_price(gear: Entry, price: Price) -> Entry:
    """Never zero by accident: free is said, not typed."""
    if price.source == Source.CATALOGUE:
        provider = Provider.objects.get(name=gear["provider"])
        known = catalogue.facts(provider, gear["model_id"]).prices
        if known is None:
            raise DraftRefused("The catalogue does not know this model's price. Type it.")
        return {**gear, "price_source": price.source, "prices": prices.to_document(known)}
    if price.source == Source.MANUAL and price.typed is not None:
        try:
            typed = prices.manual(price.typed)
        except InvalidAmount as wrong:
            raise DraftRefused(str(wrong)) from wrong
        if not typed.base.input and not typed.base.output:
            raise DraftRefused("A price of 0 was typed. If it costs nothing, choose “Free”.")
        return {**gear, "price_source": price.source, "prices": prices.to_document(typed)}
    if price.source in (Source.FREE, Source.SUBSCRIPTION, Source.UNKNOWN):
        return {**gear, "price_source": price.source, "prices": None}
    return gear


def retire(name: str, user: User | None, *, is_retired: bool) -> None:
    """A retired gear is no longer chosen and stays in reports."""
    gear = find(name)
    if gear is None:
        raise DraftRefused(f"There is no gear named {name!r}.")
    roads = [r["title"] for r in entries.drafted("roads").values() if r["default_gear"] == name]
    if is_retired and roads:
        raise DraftRefused(
            f"{name} is where these roads begin: {', '.join(roads)}. Choose another gear there."
        )
    changes.put("gears", name, {**gear, "is_retired": is_retired}, user)


def remove(name: str, user: User | None) -> None:
    """Only what nothing refers to is deleted."""
    if uses := checks.uses_of_gear(name):
        raise DraftRefused(f"{name} cannot be deleted: {'; '.join(uses)}. Retire it instead.")
    changes.put("gears", name, None, user)


def add(new: NewGear, user: User | None) -> Entry:
    """A new gear in the draft, with what is known of its model."""
    if find(new.name) is not None:
        raise DraftRefused(f"There is a gear named {new.name!r} already. Choose another name.")
    try:
        entry = GEARS.values(discovery.gear_for(new))
    except GearRefused as refused:
        raise DraftRefused(str(refused)) from refused
    except ValidationError as invalid:
        raise DraftRefused(" ".join(invalid.messages)) from invalid
    orders = [gear["order"] for gear in in_order() if gear["level"] == new.level]
    entry["order"] = max(orders, default=0) + STEP
    changes.put("gears", new.name, entry, user)
    return entry


def free_name(model_id: str) -> str:
    """Free in the draft too."""
    taken = entries.drafted("gears")
    base = discovery.gear_name(model_id)
    return next(
        name for name in (base, *(f"{base}-{n}" for n in range(2, 1_000))) if name not in taken
    )
