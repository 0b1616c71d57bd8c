"""The log of budgets: who set, granted, lent or removed what, and why."""

from dataclasses import dataclass

from django.db.models import QuerySet

from orchestrator.models import Budget, BudgetChange, Team, User
from orchestrator.routing import fuel
from orchestrator.services.people import audit
from orchestrator.services.people.audit import Area

Kind = BudgetChange.Kind


@dataclass(frozen=True, slots=True)
class Author:
    """None for what the product does by itself, such as an import."""

    user: User | None = None
    note: str = ""


NOBODY = Author()
# Changes of the limit itself, where no amount means no limit.
LIMITS = (Kind.SET, Kind.REMOVED, Kind.RAISED)


def record(
    budget: Budget,
    kind: Kind,
    by: Author,
    *,
    before: int | None = None,
    after: int | None = None,
) -> None:
    note = "".join(sign if sign.isprintable() else " " for sign in by.note)
    BudgetChange.objects.create(
        budget=budget,
        kind=kind,
        before_nano=before,
        after_nano=after,
        note=" ".join(note.split())[:200],
        made_by=by.user,
    )
    is_teams = budget.scope == Budget.Scope.TEAM
    audit.record(
        Area.BUDGETS,
        f"{Kind(kind).label}: {subject(budget)}",
        before=_shown(before) if kind in LIMITS else "",
        after=_shown(after) if kind in LIMITS or after is not None else "",
        team=Team.objects.filter(pk=budget.scope_id).first() if is_teams else None,
    )


def subject(budget: Budget) -> str:
    owner = f"{budget.scope} {budget.scope_id}".strip()
    return f"{owner} budget per {budget.period} ({budget.currency})"


def _shown(nano: int | None) -> str:
    return "no limit" if nano is None else fuel.dollars(nano)


def of(budget_ids: list[int]) -> QuerySet[BudgetChange]:
    return BudgetChange.objects.filter(budget__in=budget_ids).select_related("budget", "made_by")
