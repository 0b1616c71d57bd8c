"""Vocabulary of a decision: what goes into `computer.plan` and what comes out.

Everything here is frozen and knows neither database, clock nor network.
"""

from orchestrator.routing.types.fleet import (
    FREE,
    Action,
    Condition,
    Fleet,
    GearSpec,
    Prices,
    Rates,
    ReasoningSupport,
    RoadSpec,
    RuleSpec,
)
from orchestrator.routing.types.plan import (
    Candidate,
    Features,
    Plan,
    Reason,
    ReasoningSetting,
    Refusal,
    RefusalKind,
    RoadMatch,
    Signal,
)
from orchestrator.routing.types.task import (
    ClassifierHint,
    Overrides,
    PreviousTurn,
    Task,
)
from orchestrator.routing.types.words import (
    Capability,
    Effort,
    Pattern,
    Purpose,
    ReasoningStyle,
    Tempo,
    Zone,
)
from orchestrator.routing.types.world import (
    BreakerState,
    BudgetView,
    Conditions,
    EffectiveValue,
    Fuel,
    Learned,
    PolicySpec,
    ZoneTable,
)

__all__ = [
    "FREE",
    "Action",
    "BreakerState",
    "BudgetView",
    "Candidate",
    "Capability",
    "ClassifierHint",
    "Condition",
    "Conditions",
    "EffectiveValue",
    "Effort",
    "Features",
    "Fleet",
    "Fuel",
    "GearSpec",
    "Learned",
    "Overrides",
    "Pattern",
    "Plan",
    "PolicySpec",
    "PreviousTurn",
    "Prices",
    "Purpose",
    "Rates",
    "Reason",
    "ReasoningSetting",
    "ReasoningStyle",
    "ReasoningSupport",
    "Refusal",
    "RefusalKind",
    "RoadMatch",
    "RoadSpec",
    "RuleSpec",
    "Signal",
    "Task",
    "Tempo",
    "Zone",
    "ZoneTable",
]
