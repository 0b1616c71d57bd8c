"""Limits of budgets as entries, in dollars."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from orchestrator.models import Budget
from orchestrator.services.money import budgets, rights
from orchestrator.services.setup.sections.base import NONE, Changes, Entry

FIELDS = ("scope", "scope_id", "period", "currency", "limit_usd")


@dataclass(frozen=True, slots=True)
class BudgetSection:
    name: str = "budgets"
    is_table: bool = False

    def export(self) -> list[dict[str, Any]]:
        rows = _set_by_people().order_by("scope", "scope_id", "period", "currency")
        return [values(row) for row in rows]

    def apply(self, entry: Entry, changes: Changes) -> None:
        if unknown := sorted(set(entry) - set(FIELDS)):
            raise ValueError(f"{unknown[0]!r} is unknown; there are: {', '.join(FIELDS)}")
        limit_text = entry.get("limit_usd")
        if not isinstance(limit_text, str):
            raise ValueError('limit_usd is a text such as "2.50", or "none"')
        limit = None if limit_text == NONE else budgets.parse_usd(limit_text)
        place = {
            "scope": Budget.Scope(entry.get("scope", "global")),
            "scope_id": str(entry.get("scope_id", "")),
            "period": Budget.Period(entry.get("period", "day")),
            "currency": str(entry.get("currency", "usd")),
        }
        if place["scope"] not in rights.SETTABLE:
            raise ValueError(f"scope is one of: {', '.join(rights.SETTABLE)}")
        row = _set_by_people().filter(**place).first()
        told = f"budgets {place['scope']} {place['scope_id']} per {place['period']}"
        if place["currency"] != "usd":
            told += f" ({place['currency']})"
        before = None if row is None else {"limit_usd": usd(row.limit_nano)}
        if changes.note(" ".join(told.split()), before, {"limit_usd": usd(limit)}):
            scope, owner, period = place["scope"], place["scope_id"], place["period"]
            budgets.set_limit(scope, owner, period, limit, place["currency"])


def _set_by_people() -> QuerySet[Budget]:
    """Neither removed ones nor the shares that follow from profiles."""
    return Budget.objects.filter(removed_at=None, scope__in=rights.SETTABLE)


def values(budget: Budget) -> dict[str, Any]:
    return {
        "scope": budget.scope,
        "scope_id": budget.scope_id,
        "period": budget.period,
        "currency": budget.currency,
        "limit_usd": usd(budget.limit_nano),
    }


def usd(nano: int | None) -> str:
    if nano is None:
        return NONE
    return f"{nano // budgets.NANO}.{nano % budgets.NANO:09d}".rstrip("0").rstrip(".")


BUDGETS = BudgetSection()
