"""Rules that people made: the first whose every condition holds. An empty rule never does."""

from collections.abc import Container

from orchestrator.routing.matching import found
from orchestrator.routing.signals import excerpt
from orchestrator.routing.types import Condition, Features, RoadSpec, RuleSpec, Task

NOTHING_ASKED = Condition()


def first_match(
    rules: tuple[RuleSpec, ...],
    task: Task,
    features: Features,
    road: RoadSpec,
    unavailable: Container[str],
) -> RuleSpec | None:
    for rule in sorted(rules, key=lambda rule: (rule.order, rule.name)):
        if rule.when != NOTHING_ASKED and _holds(rule.when, task, features, road, unavailable):
            return rule
    return None


def _holds(
    when: Condition, task: Task, features: Features, road: RoadSpec, unavailable: Container[str]
) -> bool:
    tokens = task.context_tokens + features.estimated_tokens
    return all(
        (
            not when.roads or road.name in when.roads or features.tier in when.roads,
            not when.purposes or features.purpose in when.purposes,
            not when.languages or features.language in when.languages,
            not when.keywords or bool(found(when.keywords, excerpt(task.text).lower())),
            when.has_tools is None or when.has_tools == task.has_tools,
            when.has_images is None or when.has_images == bool(task.images),
            when.min_context_tokens is None or tokens >= when.min_context_tokens,
            when.max_context_tokens is None or tokens <= when.max_context_tokens,
            when.min_difficulty is None or features.difficulty >= when.min_difficulty,
            when.max_difficulty is None or features.difficulty <= when.max_difficulty,
            not when.offline_provider or when.offline_provider in unavailable,
        )
    )
