"""Limits of budgets as entries, in dollars; their owners by name."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from orchestrator.models import Budget, Currency
from orchestrator.services.money import budgets, rights
from orchestrator.services.money.changes import NOBODY
from orchestrator.services.setup.sections import owners
from orchestrator.services.setup.sections.base import NONE, Changes, Entry

FIELDS = ("scope", "scope_id", "period", "currency", "limit_usd")


@dataclass(frozen=True, slots=True)
class BudgetSection:
    name: str = "budgets"
    is_table: bool = False
    keys: tuple[str, ...] = ("scope", "scope_id", "period", "currency")

    def export(self) -> list[dict[str, Any]]:
        """Without those of people, teams and tokens that are gone."""
        found = [values(row) for row in _set_by_people()]
        kept = [entry for entry in found if entry["scope_id"] is not None]
        return sorted(kept, key=lambda entry: [str(entry[key]) for key in self.keys])

    def apply(self, entry: Entry, changes: Changes) -> None:
        if unknown := sorted(set(entry) - set(FIELDS)):
            raise ValueError(f"{unknown[0]!r} is unknown; there are: {', '.join(FIELDS)}")
        limit_text = entry.get("limit_usd")
        if not isinstance(limit_text, str):
            raise ValueError('limit_usd is a text such as "2.50", or "none"')
        limit = None if limit_text == NONE else budgets.parse_usd(limit_text)
        place, owner = _place(entry), str(entry.get("scope_id", ""))
        row = _set_by_people().filter(**asdict(place)).first()
        told = f"budgets {place.scope} {owner} per {place.period}"
        if place.currency != "usd":
            told += f" ({place.currency})"
        before = None if row is None else {"limit_usd": usd(row.limit_nano)}
        if changes.note(" ".join(told.split()), before, {"limit_usd": usd(limit)}):
            budgets.put(place, limit, NOBODY)


def _place(entry: Entry) -> budgets.Place:
    scope = entry.get("scope", "global")
    if scope not in rights.SETTABLE:
        raise ValueError(f"scope {scope!r} is none of: {', '.join(rights.SETTABLE)}")
    return budgets.Place(
        scope=Budget.Scope(scope).value,
        scope_id=owners.id_of(scope, str(entry.get("scope_id", ""))),
        period=Budget.Period(entry.get("period", "day")).value,
        currency=Currency(entry.get("currency", "usd")).value,
    )


def _set_by_people() -> QuerySet[Budget]:
    """Neither removed ones nor the shares that follow from profiles."""
    return Budget.objects.filter(removed_at=None, scope__in=rights.SETTABLE)


def values(budget: Budget) -> dict[str, Any]:
    return {
        "scope": budget.scope,
        "scope_id": owners.name_of(budget.scope, budget.scope_id),
        "period": budget.period,
        "currency": budget.currency,
        "limit_usd": usd(budget.limit_nano),
    }


def usd(nano: int | None) -> str:
    if nano is None:
        return NONE
    return f"{nano // budgets.NANO}.{nano % budgets.NANO:09d}".rstrip("0").rstrip(".")


BUDGETS = BudgetSection()
