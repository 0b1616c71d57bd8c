"""A decision as a document and as one line: the same record for chip, footer, page and report."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from orchestrator.routing import effective, fuel, throttle
from orchestrator.routing.types import (
    BudgetView,
    Candidate,
    EffectiveValue,
    Features,
    Plan,
    Refusal,
    RoadMatch,
)


def document(decision: Plan | Refusal) -> dict[str, Any]:
    return _refusal(decision) if isinstance(decision, Refusal) else _plan(decision)


def line(plan: Plan) -> str:
    road, gear = plan.match.road, plan.chosen.gear
    cost = plan.chosen.cost_nano
    price = "free" if cost == 0 else "price unknown" if cost is None else f"≈ {fuel.dollars(cost)}"
    if gear.is_demo:
        price = f"{price} (demo dollars)"
    return (
        f"{road.task_type} · {road.title} → G{gear.level} {gear.title or gear.name} · "
        f"throttle {plan.chosen.setting.throttle} % · {plan.pattern.value} · {price}"
    )


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "line": line(plan),
        "refused": False,
        "road": _road(plan.match),
        "features": _features(plan.features),
        "gear": plan.chosen.gear.name,
        "level": plan.chosen.gear.level,
        "provider": plan.chosen.gear.provider,
        "model_id": plan.chosen.gear.model_id,
        "is_demo": plan.chosen.gear.is_demo,
        "throttle": plan.chosen.setting.throttle,
        "throttle_position": throttle.position(plan.chosen.setting.throttle),
        "pattern": plan.pattern.value,
        "proposed_pattern": plan.proposed.value,
        "expected_quality": plan.chosen.quality,
        "estimated_cost_nano": plan.chosen.cost_nano,
        "reserve_nano": plan.chosen.reserve_nano,
        "estimated_seconds": plan.chosen.latency_s,
        "zone": plan.zone.value,
        "budget": _budget(plan.budget),
        "baseline_gear": plan.baseline_gear,
        "baseline_nano": plan.baseline_nano,
        "because": [asdict(reason) for reason in plan.because],
        "warnings": list(plan.warnings),
        "policy": plan.policy,
        "profile": plan.profile,
        "settings": _settings(plan.settings),
        "rule": plan.rule,
        "is_pinned": plan.is_pinned,
        "is_exploration": plan.is_exploration,
        "fleet_version": plan.fleet_version,
        "fallbacks": [candidate.gear.name for candidate in plan.fallbacks],
        "candidates": [_candidate(candidate) for candidate in plan.candidates],
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "line": refusal.message,
        "refused": True,
        "code": refusal.kind.value,
        "message": refusal.message,
        "next_step": refusal.next_step,
        "road": _road(refusal.match) if refusal.match else None,
        "features": _features(refusal.features) if refusal.features else None,
        "zone": refusal.zone.value,
        "budget": _budget(refusal.budget),
        "candidates": [_candidate(candidate) for candidate in refusal.candidates],
        "profile": refusal.profile,
        "settings": _settings(refusal.settings),
    }


def _settings(found: Iterable[EffectiveValue]) -> list[dict[str, Any]]:
    return [
        {**asdict(each), "label": effective.LABELS[each.field], "text": effective.text_of(each)}
        for each in found
    ]


def _road(match: RoadMatch) -> dict[str, Any]:
    return {
        "name": match.road.name,
        "title": match.road.title,
        "task_type": match.road.task_type,
        "confidence": match.confidence,
        "method": match.method,
        "signals": [asdict(signal) for signal in match.signals],
    }


def _features(features: Features) -> dict[str, Any]:
    return {
        **{name: getattr(features, name) for name in FEATURES},
        "tempo": features.tempo.value,
        "purpose": features.purpose.value,
        "signals": [asdict(signal) for signal in features.signals],
    }


FEATURES = (
    "words",
    "estimated_tokens",
    "language",
    "has_code",
    "has_maths",
    "difficulty",
    "stages",
    "is_security_critical",
    "needs_web",
    "tier",
)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "gear": candidate.gear.name,
        "title": candidate.gear.title or candidate.gear.name,
        "level": candidate.gear.level,
        "provider": candidate.gear.provider,
        "quality": candidate.quality,
        "cost_nano": candidate.cost_nano,
        "seconds": candidate.latency_s,
        "left_out": candidate.left_out,
        "constraint": candidate.constraint,
    }


def _budget(view: BudgetView | None) -> dict[str, Any] | None:
    return None if view is None else {**asdict(view), "left_nano": view.left_nano}
