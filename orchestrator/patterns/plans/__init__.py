"""What a run of several calls is to do: its shapes, its document, its places."""

from orchestrator.patterns.plans.documents import to_document, usual_parts
from orchestrator.patterns.plans.outline import Outline, places
from orchestrator.patterns.plans.reading import check_items, from_document, part_problem
from orchestrator.patterns.plans.shapes import (
    CONVOY,
    DEFAULTS,
    TEAM,
    Cascade,
    Combine,
    Convoy,
    Hybrid,
    InvalidPlan,
    ItemCheck,
    Part,
    Phase,
    RunPlan,
    Split,
    Strength,
    Swarm,
    Team,
    default_for,
    pattern_of,
)

__all__ = [
    "CONVOY",
    "DEFAULTS",
    "TEAM",
    "Cascade",
    "Combine",
    "Convoy",
    "Hybrid",
    "InvalidPlan",
    "ItemCheck",
    "Outline",
    "Part",
    "Phase",
    "RunPlan",
    "Split",
    "Strength",
    "Swarm",
    "Team",
    "check_items",
    "default_for",
    "from_document",
    "part_problem",
    "pattern_of",
    "places",
    "to_document",
    "usual_parts",
]
