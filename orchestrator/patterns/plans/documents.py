"""A plan as its document, for editing, saving and handing on; reading it gives the same plan."""

from collections.abc import Mapping
from typing import Any

from orchestrator.patterns.plans.shapes import (
    ITEM,
    LEAD,
    MERGE,
    REDUCE,
    REVIEW,
    Cascade,
    Convoy,
    Hybrid,
    ItemCheck,
    Part,
    RunPlan,
    Swarm,
    Team,
    pattern_of,
)

USUAL = {"lead": LEAD, "merge": MERGE, "review": REVIEW, "each": ITEM, "reduce": REDUCE}


def to_document(plan: RunPlan, *, is_whole: bool = False) -> dict[str, Any]:
    """`is_whole` writes out what is as usual too, for a person to change."""
    match plan:
        case Convoy(steps):
            return {"steps": [_part(step) for step in steps]}
        case Team():
            return _team(plan, is_whole)
        case Cascade(gears):
            return {"gears": list(gears)}
        case Swarm():
            return _swarm(plan, is_whole)
        case Hybrid(phases):
            return {
                "phases": [
                    {
                        "name": each.name,
                        "pattern": pattern_of(each.plan),
                        **to_document(each.plan, is_whole=is_whole),
                    }
                    for each in phases
                ]
            }


def usual_parts() -> dict[str, dict[str, Any]]:
    """The places that are there once, as they are when a plan says nothing of them."""
    return {name: _part(part) for name, part in USUAL.items()}


def _team(plan: Team, is_whole: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"roles": [_part(role) for role in plan.roles]}
    if not plan.roles:
        document |= _single("lead", plan.lead, is_whole)
    document |= _single("merge", plan.merge, is_whole)
    if plan.review:
        document["review"] = _part(plan.review)
    return document


def _swarm(plan: Swarm, is_whole: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "parallel": plan.parallel,
        "retries": plan.retries,
        "combine": plan.combine.value,
        "split": plan.split.value,
    }
    document |= {"items": list(plan.items)} if plan.items else {}
    document |= _single("each", plan.each, is_whole)
    document |= _single("reduce", plan.reduce, is_whole=False)
    if plan.check != ItemCheck():
        check = {"json_schema": plan.check.json_schema, "regex": plan.check.regex}
        document["check"] = _said({**check, "judge": plan.check.judge})
    return document


def _single(name: str, part: Part, is_whole: bool) -> dict[str, Any]:
    """What is not said of such a place is as usual, so what was emptied is said to be empty."""
    usual = USUAL[name]
    if part == usual and not is_whole:
        return {}
    told = {} if part.strength or not usual.strength else {"strength": ""}
    untold = {} if part.instructions or not usual.instructions else {"instructions": ""}
    return {name: _part(part) | told | untold}


def _part(part: Part) -> dict[str, Any]:
    throttle = {} if part.throttle is None else {"throttle": part.throttle}
    said = _said(
        {
            "name": part.name,
            "instructions": part.instructions,
            "gear": part.gear,
            "strength": part.strength.value,
            "sends_back": part.sends_back,
        }
    )
    return said | throttle


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value}
