"""The models that a caller may name, and who has which name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.gateway import names
from orchestrator.gateway.names import Named
from orchestrator.models import Gear
from orchestrator.routing.types import GearSpec, Pattern
from orchestrator.services.driving import planning, requests
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet, policies

OWNER = "clutch"
# Why a gear is not the caller's to use, whatever is asked of it.
CLOSED = frozenset({"policy", "unavailable"})


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    title: str
    owner: str
    created_at: datetime


def everything(caller: Caller) -> list[Model]:
    """Every name once: the engine's own choice, the patterns, then the gears by level."""
    made = dict(Gear.objects.values_list("name", "created_at"))
    oldest = min(made.values(), default=datetime.now().astimezone())
    own = [Model(name, _title(name), OWNER, oldest) for name in _own_names(caller)]
    return own + [
        Model(gear.name, gear.title or gear.name, gear.provider, made[gear.name])
        for gear in usable(caller)
    ]


def find(caller: Caller, name: str) -> Model:
    """Also by its longer name. Raises `Refused`."""
    known = everything(caller)
    for model in known:
        if model.id == name:
            return model
    named = resolve(caller, name)
    for model in known:
        if named.gear and model.id == named.gear:
            return Model(name, model.title, model.owner, model.created_at)
    if named.gear:
        raise names.refusal(name, [model.id for model in known])
    return Model(name, _title(name), OWNER, known[0].created_at)


def resolve(caller: Caller, name: str) -> Named:
    """Raises `Refused` with the nearest of the names that this caller may use."""
    named = names.resolve(name, fleet.snapshot().gears)
    if named is not None:
        return named
    gears = usable(caller)
    known = [*_own_names(caller), *(g.name for g in gears), *map(names.full_name, gears)]
    raise names.refusal(name, known)


def usable(caller: Caller) -> Sequence[GearSpec]:
    """As the next decision for this caller would see them."""
    greeting = requests.from_text("Hello")
    decision = planning.decide(caller, greeting, seed="models")
    found = [each.gear for each in decision.candidates if each.constraint not in CLOSED]
    return sorted(found, key=lambda gear: (gear.level, gear.order, gear.name))


def _own_names(caller: Caller) -> list[str]:
    allowed = policies.driving(caller).policy.allowed_patterns
    patterns = [
        name for name, pattern in names.PATTERNS.items() if allowed is None or pattern in allowed
    ]
    with_policy = [f"{names.AUTO[0]}:{policy}" for policy in names.POLICIES]
    return [*names.AUTO, *with_policy, *patterns]


def _title(name: str) -> str:
    base, _, policy = name.partition(":")
    if base in names.AUTO:
        return f"Clutch chooses ({policy})" if policy else "Clutch chooses"
    pattern = names.PATTERNS.get(base, Pattern.SINGLE)
    return f"Clutch {pattern.value}"
