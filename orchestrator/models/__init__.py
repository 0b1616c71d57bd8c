"""Django models only, one file per subject."""

from orchestrator.models.budgeting import (
    AlertChannel,
    AlertDelivery,
    BudgetAlert,
    BudgetChange,
    Loan,
)
from orchestrator.models.chat import (
    Attachment,
    Conversation,
    ConversationTag,
    ImportBatch,
    Message,
    Profile,
)
from orchestrator.models.fleet import (
    FleetDocument,
    FleetVersion,
    Gear,
    Provider,
    Road,
    Rule,
)
from orchestrator.models.health import Alert, Breaker
from orchestrator.models.learning import Classification, Outcome, Posterior, Setting
from orchestrator.models.money import (
    Budget,
    BudgetPeriod,
    Currency,
    Grant,
    LedgerEntry,
    Reservation,
)
from orchestrator.models.people import ApiToken, Membership, SignInLink, Team, User
from orchestrator.models.profiles import DefaultProfile
from orchestrator.models.prompts import Prompt, PromptVersion
from orchestrator.models.runs import RunTemplate
from orchestrator.models.traffic import ProviderPace, ProviderShare
from orchestrator.models.work import Leg, Step, SweeperLock, Trip, TripEvent, TripPayload

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "ApiToken",
    "Attachment",
    "Breaker",
    "Budget",
    "BudgetAlert",
    "BudgetChange",
    "BudgetPeriod",
    "Classification",
    "Conversation",
    "ConversationTag",
    "Currency",
    "DefaultProfile",
    "FleetDocument",
    "FleetVersion",
    "Gear",
    "Grant",
    "ImportBatch",
    "LedgerEntry",
    "Leg",
    "Loan",
    "Membership",
    "Message",
    "Outcome",
    "Posterior",
    "Profile",
    "Prompt",
    "PromptVersion",
    "Provider",
    "ProviderPace",
    "ProviderShare",
    "Reservation",
    "Road",
    "Rule",
    "RunTemplate",
    "Setting",
    "SignInLink",
    "Step",
    "SweeperLock",
    "Team",
    "Trip",
    "TripEvent",
    "TripPayload",
    "User",
]
