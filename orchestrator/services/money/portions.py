"""What one profile may take of its driver's day: a budget that follows from the others.

It is a budget like any other, so it is held and settled in the same transactions; only its limit
is worked out instead of typed.
"""

from datetime import datetime

from django.utils import timezone

from orchestrator.models import Budget, Currency
from orchestrator.routing.types import BudgetView
from orchestrator.services.money import budgets, ledger
from orchestrator.services.people.identity import Caller

Scope = Budget.Scope


def name_of(user_id: int, profile_id: int) -> str:
    return f"{user_id}.{profile_id}"


def ensure(caller: Caller, profile_id: int, percent: int, now: datetime | None = None) -> str:
    """Written only where the share is not what it should be; returns the name of the budget."""
    now = now or timezone.now()
    name = name_of(caller.user_id, profile_id)
    known = dict(
        Budget.objects.filter(scope=Scope.PROFILE, scope_id=name).values_list(
            "currency", "limit_nano"
        )
    )
    fuel = ledger.fuel_for(caller.user_id, caller.team_id, caller.token_id, now)
    for currency, views in ((Currency.USD, fuel.shared), (Currency.DEMO, fuel.demo)):
        limit_nano = _portion(views, percent)
        if currency.value not in known or known[currency.value] != limit_nano:
            budgets.set_limit(Scope.PROFILE, name, Budget.Period.DAY, limit_nano, currency, now)
    return name


def _portion(views: tuple[BudgetView, ...], percent: int) -> int | None:
    """Of the smallest day that binds the driver; without any there is no share either."""
    personal = (Scope.GLOBAL, Scope.TEAM, Scope.USER, Scope.TOKEN)
    days = [
        view.limit_nano
        for view in views
        if view.period == Budget.Period.DAY
        and view.scope in personal
        and view.limit_nano is not None
    ]
    return min(days) * percent // 100 if days else None
