"""What a person should know before the next task: no key yet, open breakers, alerts."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from orchestrator.models import Alert, User
from orchestrator.services.alerts import budgets as budget_alerts

MOST = 5
BUDGETS = "budgets"


@dataclass(frozen=True, slots=True)
class Notice:
    kind: str
    text: str
    next_step: str = ""
    is_demo: bool = False
    # Where something can be done about it: the name of a page.
    url: str = ""


def notices(user: User, *, is_demo_only: bool) -> list[Notice]:
    found = [NO_PROVIDER] if is_demo_only else []
    found += [
        Notice(
            "warning", budget_alerts.sentence(alert), "Grant more or acknowledge it:", url=BUDGETS
        )
        for alert in budget_alerts.open_for(user)[:MOST]
    ]
    return found + [
        Notice("warning", alert.message, f"See {alert.subject} on the health page.")
        for alert in alerts(user)[:MOST]
    ]


NO_PROVIDER = Notice(
    "info",
    "No provider key is set up and no local model was found, so the demo answers.",
    "Add a key under Settings, or in the terminal: clutch keys set ANTHROPIC_API_KEY",
    is_demo=True,
)


def alerts(user: User) -> QuerySet[Alert]:
    """Newest first; those of other people's trips only for whoever runs the installation."""
    found = Alert.objects.filter(dismissed_at=None).order_by("-pk")
    if user.is_owner or user.is_staff:
        return found
    return found.filter(Q(trip=None) | Q(trip__user=user))
