"""What can be chosen by hand in the composer, and which key would unlock what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.routing.types import GearSpec, PolicySpec
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.setup import credentials, fleet, policies
from orchestrator.web.access import caller_of
from orchestrator.web.context import PageRequest

LEVELS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    title: str
    missing: str


@dataclass(frozen=True, slots=True)
class Level:
    number: int
    choices: tuple[Choice, ...]


def policy_of(page: PageRequest, profile: str = "") -> PolicySpec | None:
    """What the person drives with; None where a chat names a profile that is gone."""
    try:
        return policies.driving(caller_of(page), profile_name=profile).policy
    except RequestRefused:
        return None


def offered(page: PageRequest, profile: str = "") -> list[Level]:
    """What this person may choose from, in a chat with this profile."""
    return levels(policy=policy_of(page, profile))


def levels(known: Mapping[str, str] | None = None, policy: PolicySpec | None = None) -> list[Level]:
    """Gears by level, all that the policy allows; what cannot be used says why, and is seen."""
    missing = fleet.availability() if known is None else known
    real = fleet.usable_real_gear_exists(missing)
    gears = [
        gear
        for gear in fleet.snapshot().gears
        if not gear.is_agentic and (policy is None or policies.allows(policy, gear))
    ]
    shown = [gear for gear in gears if gear.is_demo is not real or not _why(gear, missing)]
    return [
        Level(number, tuple(_choice(gear, missing) for gear in shown if gear.level == number))
        for number in LEVELS
    ]


def _choice(gear: GearSpec, missing: Mapping[str, str]) -> Choice:
    return Choice(gear.name, gear.title or gear.name, _why(gear, missing))


def _why(gear: GearSpec, missing: Mapping[str, str]) -> str:
    return missing.get(gear.name) or missing.get(gear.provider) or ""


def first_at(levels: list[Level], wanted: range) -> Choice | None:
    """The first usable gear of the nearest wanted level."""
    for number in wanted:
        for choice in levels[number - 1].choices:
            if not choice.missing:
                return choice
    return None


def unlocks(receipt: Mapping[str, Any]) -> list[str]:
    """Where nothing can take the task: the keys of providers whose gears could."""
    if receipt.get("code") not in ("capability", "no_provider"):
        return []
    waiting = {
        candidate["provider"]
        for candidate in receipt["candidates"]
        if candidate["constraint"] == "unavailable"
    }
    able = {gear.provider for gear in fleet.snapshot().gears if "vision" in gear.capabilities}
    names = credentials.names_by_provider()
    return sorted({names[provider] for provider in waiting & able if provider in names})
