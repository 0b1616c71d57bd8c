"""Django models only, one file per subject."""

from orchestrator.models.access import (
    AttemptCount,
    ExternalIdentity,
    Invitation,
    OpenSession,
    RecoveryCode,
    SecondFactor,
)
from orchestrator.models.audit import AuditEntry
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
    FleetChange,
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
from orchestrator.models.prompts import Prompt, PromptStar, PromptTag, PromptVersion
from orchestrator.models.reports import (
    ReportDigest,
    ReportShare,
    SavedReport,
    UsageDay,
    UsageLock,
)
from orchestrator.models.runs import RunTemplate
from orchestrator.models.traffic import ProviderPace, ProviderShare
from orchestrator.models.trials import PromptTrial, PromptTrialCell
from orchestrator.models.work import Leg, Step, SweeperLock, Trip, TripEvent, TripPayload

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "ApiToken",
    "Attachment",
    "AttemptCount",
    "AuditEntry",
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
    "ExternalIdentity",
    "FleetChange",
    "FleetDocument",
    "FleetVersion",
    "Gear",
    "Grant",
    "ImportBatch",
    "Invitation",
    "LedgerEntry",
    "Leg",
    "Loan",
    "Membership",
    "Message",
    "OpenSession",
    "Outcome",
    "Posterior",
    "Profile",
    "Prompt",
    "PromptStar",
    "PromptTag",
    "PromptTrial",
    "PromptTrialCell",
    "PromptVersion",
    "Provider",
    "ProviderPace",
    "ProviderShare",
    "RecoveryCode",
    "ReportDigest",
    "ReportShare",
    "Reservation",
    "Road",
    "Rule",
    "RunTemplate",
    "SavedReport",
    "SecondFactor",
    "Setting",
    "SignInLink",
    "Step",
    "SweeperLock",
    "Team",
    "Trip",
    "TripEvent",
    "TripPayload",
    "UsageDay",
    "UsageLock",
    "User",
]
