"""Model names: what a client calls a gear, the choice by itself, or a pattern of several calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from orchestrator.gateway.faults import Refused
from orchestrator.routing import policies
from orchestrator.routing.types import GearSpec, Pattern

# Some clients offer only names with one of the vendor's words in them.
AUTO = ("clutch-auto", "claude-auto")
POLICIES = tuple(policies.PRESETS)
PATTERNS = {f"clutch-{pattern}": pattern for pattern in Pattern if pattern is not Pattern.SINGLE}
# Claude Code asks so for a million tokens of context; a gear's own window counts here.
LONG_CONTEXT = "[1m]"
NEAR = 3
MAX_CHARS = 200


@dataclass(frozen=True, slots=True)
class Named:
    """What a name fixes; everything empty lets the engine choose."""

    gear: str = ""
    policy: str = ""
    pattern: Pattern | None = None


def resolve(name: str, gears: Iterable[GearSpec]) -> Named | None:
    """None for a name that nothing has."""
    name = name.strip().removesuffix(LONG_CONTEXT)
    known = {gear.name for gear in gears}
    if name in known:
        return Named(gear=name)
    base, _, policy = name.partition(":")
    if not policy or policies.named(policy) is not None:
        if base in AUTO:
            return Named(policy=policy)
        if base in PATTERNS:
            return Named(policy=policy, pattern=PATTERNS[base])
    return _by_model_id(name, gears)


def _by_model_id(name: str, gears: Iterable[GearSpec]) -> Named | None:
    """`provider/model-id`, or the id alone where only one gear has it."""
    full = [gear for gear in gears if full_name(gear) == name]
    alone = [gear for gear in gears if gear.model_id == name]
    if full:
        return Named(gear=full[0].name)
    return Named(gear=alone[0].name) if len(alone) == 1 else None


def full_name(gear: GearSpec) -> str:
    return f"{gear.provider}/{gear.model_id}"


def refusal(name: str, known: Iterable[str]) -> Refused:
    near = get_close_matches(name, list(known), n=NEAR, cutoff=0.4)
    hint = f"Did you mean {', '.join(near)}?" if near else "See: GET /v1/models"
    return Refused(
        "unknown_model", f"There is no model {name[:MAX_CHARS]!r}. {hint}", param="model"
    )
