"""Rules between their rows and the decision: checked on the way in, dated on the way out."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db.models import Q

from orchestrator.models import Gear, Road, Rule
from orchestrator.routing.types import Action, Condition, Pattern, Purpose, RuleSpec

SETS = {"roads", "purposes", "languages", "forbid_gears"}
LISTS = {"keywords"}
FLAGS = {"has_tools", "has_images"}
WHOLE = {"min_context_tokens", "max_context_tokens", "min_level", "max_level", "throttle"}
SHARES = {"min_difficulty", "max_difficulty"}
LEVELS = {"min_level", "max_level"}
TIERS = {"super_easy", "easy", "medium", "hard", "super_hard"}


class InvalidRule(ValueError):
    """The rule says something that cannot be checked or done; the message names it."""


def active(now: datetime) -> tuple[RuleSpec, ...]:
    rows = Rule.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), is_enabled=True)
    return tuple(spec_of(row) for row in rows)


def is_active(row: Rule, now: datetime) -> bool:
    return row.is_enabled and (row.ends_at is None or row.ends_at > now)


def spec_of(row: Rule) -> RuleSpec:
    return RuleSpec(
        name=row.name,
        when=condition_from(row.when),
        then=action_from(row.then),
        order=row.order,
        reason=row.reason,
        user_id=row.made_by_id if row.is_personal else None,
    )


def condition_from(document: Mapping[str, Any]) -> Condition:
    values = _values(document, Condition)
    if "purposes" in values:
        values["purposes"] = frozenset(_member(Purpose, name) for name in values["purposes"])
    condition = Condition(**values)
    if condition == Condition():
        raise InvalidRule("A rule needs at least one condition; an empty one would match nothing.")
    return condition


def action_from(document: Mapping[str, Any]) -> Action:
    values = _values(document, Action)
    if "pattern" in values:
        values["pattern"] = _member(Pattern, values["pattern"])
    action = Action(**values)
    if action == Action():
        raise InvalidRule("A rule needs at least one action, such as use_gear.")
    return action


def validate(when: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    """Also that every gear and road it names exists, so that a typo never becomes a silent rule."""
    condition, action = condition_from(when), action_from(then)
    gears = {action.use_gear, *action.forbid_gears} - {""}
    _must_exist("gear", gears, set(Gear.objects.values_list("name", flat=True)))
    roads = set(Road.objects.values_list("name", flat=True)) | TIERS
    _must_exist("road", set(condition.roads), roads)


def _must_exist(kind: str, names: set[str], known: set[str]) -> None:
    if missing := sorted(names - known):
        raise InvalidRule(f"There is no {kind} named {missing[0]!r}.")


def _member(kind: Any, name: object) -> Any:
    try:
        return kind(name)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise InvalidRule(f"{name!r} is none of: {known}.") from None


def _values(document: Mapping[str, Any], kind: type[Condition] | type[Action]) -> dict[str, Any]:
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(document) - known):
        raise InvalidRule(f"Unknown entry {unknown[0]!r}; there are: {', '.join(sorted(known))}.")
    return {name: _checked(name, value) for name, value in document.items()}


def _checked(name: str, value: object) -> Any:
    if name in SETS | LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidRule(f"{name} is a list of texts.")
        return tuple(value) if name in LISTS else frozenset(value)
    if name in FLAGS and not isinstance(value, bool):
        raise InvalidRule(f"{name} is true or false.")
    if name in WHOLE | SHARES:
        return _number(name, value)
    if name not in FLAGS and not isinstance(value, str):
        raise InvalidRule(f"{name} is a text.")
    return value


def _number(name: str, value: object) -> float:
    most = 1 if name in SHARES else 5 if name in LEVELS else 100 if name == "throttle" else 2**31
    kinds = (int, float) if name in SHARES else (int,)
    is_number = isinstance(value, kinds) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= most:  # type: ignore[operator]  # checked to be a number
        raise InvalidRule(f"{name} is a number from 0 to {most}.")
    return value  # type: ignore[return-value]
