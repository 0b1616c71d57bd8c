"""The fields of a profile as people give them, checked before anything is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.models import Gear, Profile
from orchestrator.routing.policies import PRESETS, named
from orchestrator.routing.types import Pattern

MAX_INSTRUCTIONS = 20_000
MOST_TAGS = 10
TAG_CHARS = 40
NAMES = (
    "title",
    "policy",
    "max_level",
    "min_throttle",
    "max_throttle",
    "instructions",
    "allowed_gears",
    "allowed_patterns",
    "default_tags",
    "budget_share",
)


class ProfileRefused(ValueError):
    """The profile is not kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Fields:
    title: str = ""
    policy: str = ""
    max_level: int = 5
    min_throttle: int = 0
    max_throttle: int = 100
    instructions: str = ""
    allowed_gears: tuple[str, ...] = ()
    allowed_patterns: tuple[str, ...] = ()
    default_tags: tuple[str, ...] = ()
    budget_share: int | None = None

    def put(self, profile: Profile) -> None:
        for name in NAMES:
            value = getattr(self, name)
            setattr(profile, name, list(value) if isinstance(value, tuple) else value)


def of(profile: Profile) -> Fields:
    return Fields(**{name: _frozen(getattr(profile, name)) for name in NAMES})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def read(given: Mapping[str, Any], known: Fields | None = None) -> Fields:
    """Of what was given, the rest as it was. Raises `ProfileRefused`."""
    if unknown := sorted(set(given) - set(NAMES)):
        raise ProfileRefused(f"{unknown[0]!r} is unknown; there are: {', '.join(NAMES)}.")
    base = known or Fields()
    values = {name: given.get(name, getattr(base, name)) for name in NAMES}
    low, high = _number(values, "min_throttle", 0, 100), _number(values, "max_throttle", 0, 100)
    if low > high:
        raise ProfileRefused("The throttle ends before it begins: give the lower number first.")
    return Fields(
        title=" ".join(_text(values, "title", 100).split()),
        policy=_policy(_text(values, "policy", 20).strip()),
        max_level=_number(values, "max_level", 1, 5),
        min_throttle=low,
        max_throttle=high,
        instructions=_text(values, "instructions", MAX_INSTRUCTIONS).replace("\r\n", "\n").strip(),
        allowed_gears=_gears(_list(values, "allowed_gears")),
        allowed_patterns=_patterns(_list(values, "allowed_patterns")),
        default_tags=_tags(_list(values, "default_tags")),
        budget_share=_share(values),
    )


def _text(values: Mapping[str, Any], name: str, most: int) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise ProfileRefused(f"{name} is a text.")
    clean = value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if len(clean) > most:
        raise ProfileRefused(f"{name} has at most {most:,} signs; this has {len(clean):,}.")
    return clean


def _number(values: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = values[name]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        raise ProfileRefused(f"{name} is a whole number from {low} to {high}.")
    return value


def _list(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = values[name]
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ProfileRefused(f"{name} is a list of texts.")
    return tuple(dict.fromkeys(each.strip() for each in value if each.strip()))


def _policy(text: str) -> str:
    if text and named(text) is None:
        raise ProfileRefused(f"policy is one of: {', '.join(PRESETS)}, or a number from 0 to 100.")
    return text


def _gears(names: tuple[str, ...]) -> tuple[str, ...]:
    known = set(Gear.objects.values_list("name", flat=True))
    if missing := [name for name in names if name not in known]:
        raise ProfileRefused(f"There is no gear named {missing[0][:63]!r}.")
    return names


def _patterns(names: tuple[str, ...]) -> tuple[str, ...]:
    if missing := [name for name in names if name not in set(Pattern)]:
        raise ProfileRefused(f"{missing[0][:63]!r} is none of: {', '.join(Pattern)}.")
    return names


def _tags(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST_TAGS or any(len(name) > TAG_CHARS for name in names):
        raise ProfileRefused(f"At most {MOST_TAGS} tags of {TAG_CHARS} signs each.")
    return tuple(" ".join(name.replace("\x00", "").split()).lower() for name in names)


def _share(values: Mapping[str, Any]) -> int | None:
    if values["budget_share"] in (None, ""):
        return None
    return _number(values, "budget_share", 1, 100)
