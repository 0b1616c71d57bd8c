"""What must hold of gears and roads together, and what uses which."""

from collections.abc import Mapping
from typing import Any

from orchestrator.models import Leg, Profile, Trip
from orchestrator.services.drafts import entries
from orchestrator.services.drafts.entries import Entries
from orchestrator.services.setup import options
from orchestrator.services.setup.sections.base import Entry


def check_one(group: str, entry: Entry) -> None:
    """Raises `ValueError` for a road that would begin with a gear that is not there."""
    if group != "roads":
        return
    gears = entries.drafted("gears")
    gear = gears.get(str(entry.get("default_gear")))
    if gear is None:
        raise ValueError(f"there is no gear named {entry.get('default_gear')!r}")
    if gear["is_retired"]:
        raise ValueError(f"{gear['name']} is retired; choose another default gear")


def problems(document: Mapping[str, Entries], changed: set[tuple[str, str]]) -> list[str]:
    """Why the whole cannot be used like that. Old faults of untouched entries are not told."""
    gears, roads = document["gears"], document["roads"]
    found = []
    if not any(road["is_enabled"] for road in roads.values()):
        found.append("Every road is switched off: nothing could be decided. Leave one on.")
    for road in roads.values():
        gear = gears.get(road["default_gear"])
        is_touched = ("roads", road["name"]) in changed or (
            "gears",
            road["default_gear"],
        ) in changed
        if is_touched and (gear is None or gear["is_retired"]):
            found.append(
                f"The road {road['title']} begins with {road['default_gear']}, "
                "which would be gone. Choose another default gear there."
            )
    for rule in document["rules"].values():
        asked = {rule["then"].get("use_gear"), *rule["then"].get("forbid_gears", ())} - {None}
        found += [
            f"The rule {rule['name']} names {gear}, which would be gone."
            for gear in sorted(asked - set(gears))
        ]
    for gear in gears.values():
        if gear["provider"] not in document["providers"]:
            found.append(f"{gear['name']} is served by {gear['provider']}, which would be gone.")
    return found


def uses_of_gear(name: str) -> list[str]:
    """What would miss a gear that is deleted."""
    found = [
        f"it is the default of {road['title']}"
        for road in entries.drafted("roads").values()
        if road["default_gear"] == name
    ]
    for rule in entries.drafted("rules").values():
        if name == rule["then"].get("use_gear") or name in rule["then"].get("forbid_gears", ()):
            found.append(f"the rule {rule['name']} names it")
    found += [
        f"the profile {profile.name} allows it"
        for profile in Profile.objects.all()
        if name in profile.allowed_gears
    ]
    if options.get("classifier_gear") == name:
        found.append("it is the gear that classifies tasks")
    if has_driven(name):
        found.append("trips were driven with it")
    return found


def has_driven(name: str) -> bool:
    return Leg.objects.filter(gear=name).exists() or Trip.objects.filter(gear=name).exists()


def in_use(group: str, entry: dict[str, Any]) -> bool:
    return bool(uses_of_gear(entry["name"])) if group == "gears" else False
