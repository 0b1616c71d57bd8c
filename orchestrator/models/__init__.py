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
    "ApiToken",
    "Attachment",
    "AttemptCount",
    "AuditEntry",
    "Breaker",
    "Budget",
    "BudgetPeriod",
    "Classification",
    "Conversation",
    "ConversationTag",
    "Currency",
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
