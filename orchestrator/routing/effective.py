"""What somebody drives with: for every setting the first layer that says something about it.

Layers come from the nearest to the farthest: what was fixed for the task, the profile, the team's
default profile, the product's defaults.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from orchestrator.routing.policies import named
from orchestrator.routing.types import EffectiveValue, Pattern, PolicySpec

Source = Literal["task", "profile", "team", "default"]
Values = Mapping[str, object]
ALL_LEVELS = 5
# In the order in which they are shown.
FIELDS = (
    "policy",
    "max_level",
    "throttle",
    "instructions",
    "allowed_gears",
    "allowed_patterns",
    "default_tags",
    "budget_share",
)
LABELS = {
    "policy": "Policy",
    "max_level": "Gears",
    "throttle": "Throttle · thinking",
    "instructions": "Instructions",
    "allowed_gears": "Only these models",
    "allowed_patterns": "Only these patterns",
    "default_tags": "Tags of new chats",
    "budget_share": "Share of the budget",
}
# What "not set" means for each: a layer with this value leaves the field to the next one.
OPEN: Values = {
    "policy": "",
    "max_level": ALL_LEVELS,
    "throttle": (0, 100),
    "instructions": "",
    "allowed_gears": (),
    "allowed_patterns": (),
    "default_tags": (),
    "budget_share": None,
}


@dataclass(frozen=True, slots=True)
class Layer:
    """`values` may hold any of the fields; the others are open."""

    source: Source
    values: Values
    name: str = ""


def effective(layers: Sequence[Layer]) -> tuple[EffectiveValue, ...]:
    """Every field once; what no layer sets is open by default."""
    return tuple(_first(field, layers) for field in FIELDS)


def _first(field: str, layers: Sequence[Layer]) -> EffectiveValue:
    for layer in layers:
        value = layer.values.get(field, OPEN[field])
        if value != OPEN[field]:
            return EffectiveValue(field, value, layer.source, layer.name)
    return EffectiveValue(field, OPEN[field], "default")


def as_dict(found: Sequence[EffectiveValue]) -> dict[str, EffectiveValue]:
    return {each.field: each for each in found}


def policy_of(found: Sequence[EffectiveValue]) -> PolicySpec | None:
    """What a decision reads of it; None for a policy that does not exist."""
    values = {each.field: each.value for each in found}
    preset = named(str(values["policy"]))
    if preset is None:
        return None
    low, high = _pair(values["throttle"])
    patterns = frozenset(Pattern(name) for name in _names(values["allowed_patterns"]))
    level = values["max_level"]
    return PolicySpec(
        name=preset.name,
        target_quality=preset.target_quality,
        allowed_gears=frozenset(_names(values["allowed_gears"])) or None,
        allowed_patterns=patterns or None,
        max_level=level if isinstance(level, int) else ALL_LEVELS,
        min_throttle=low,
        max_throttle=high,
    )


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else ()


def _pair(value: object) -> tuple[int, int]:
    return (int(value[0]), int(value[1])) if isinstance(value, tuple | list) else (0, 100)


def text_of(each: EffectiveValue) -> str:
    """As people read it."""
    value = each.value
    match each.field:
        case "max_level":
            return "all gears" if value == ALL_LEVELS else f"up to G{value}"
        case "throttle":
            low, high = _pair(value)
            return f"{low}–{high} %"
        case "allowed_gears" | "allowed_patterns":
            return ", ".join(_names(value)) or "all"
        case "default_tags":
            return ", ".join(_names(value)) or "none"
        case "budget_share":
            return "no share of its own" if value is None else f"{value} % of the day"
        case _:
            return str(value) or "none"
