"""Alerts of budgets: 60, 80 and 95 percent spent, each told once for a period and kept."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from orchestrator.models import (
    AlertChannel,
    AlertDelivery,
    Budget,
    BudgetAlert,
    BudgetPeriod,
    Reservation,
    User,
)
from orchestrator.routing.fuel import dollars
from orchestrator.services.money import accounts, overviews, periods, rights

LEVELS = (60, 80, 95)
Scope = Budget.Scope


def after_trip(trip_id: UUID) -> None:
    """Look at the budgets that this trip drew on."""
    held = Reservation.objects.filter(leg__trip_id=trip_id).values_list("period_ids", flat=True)
    ids = {period_id for period_ids in held for period_id in period_ids}
    if ids:
        fire(BudgetPeriod.objects.filter(pk__in=ids))


def sweep(now: datetime | None = None) -> None:
    """Look at all that runs: what was settled after a crash counts as well."""
    fire(BudgetPeriod.objects.filter(refills_at__gt=now or timezone.now()))


def fire(found: QuerySet[BudgetPeriod]) -> list[BudgetAlert]:
    """Spent alone counts: what is only held may come back, an alert that was sent does not."""
    ceiling = F("limit_nano") + F("granted_nano") - F("lent_nano")
    reached = (
        found.filter(limit_nano__isnull=False, budget__removed_at=None, spent_nano__gt=0)
        .exclude(budget__scope=Scope.PROFILE)
        .annotate(share=F("spent_nano") * 100 - ceiling * LEVELS[0])
        .filter(share__gte=0)
        .select_related("budget")
    )
    known = set(BudgetAlert.objects.filter(period__in=reached).values_list("period_id", "percent"))
    return [
        alert
        for period in reached
        if (new := [each for each in _levels(period) if (period.pk, each) not in known])
        for alert in _keep(period, new)
    ]


def _levels(period: BudgetPeriod) -> list[int]:
    ceiling = period.ceiling_nano or 0
    return [each for each in LEVELS if period.spent_nano * 100 >= each * ceiling]


def _keep(period: BudgetPeriod, levels: Collection[int]) -> list[BudgetAlert]:
    """Of several reached at once only the highest is told; two processes tell it once."""
    with transaction.atomic():
        made = [_make(period, level, is_told=level == max(levels)) for level in levels]
    return [alert for alert in made if alert is not None]


def _make(period: BudgetPeriod, percent: int, *, is_told: bool) -> BudgetAlert | None:
    alert, is_new = BudgetAlert.objects.get_or_create(
        period=period,
        percent=percent,
        defaults={
            "spent_nano": period.spent_nano,
            "ceiling_nano": period.ceiling_nano or 0,
            "acknowledged_at": None if is_told else timezone.now(),
        },
    )
    if not is_new:
        return None
    if is_told:
        older = BudgetAlert.objects.filter(period=period, percent__lt=percent, acknowledged_at=None)
        older.update(acknowledged_at=timezone.now())
        AlertDelivery.objects.bulk_create(
            AlertDelivery(alert=alert, channel=channel, due_at=timezone.now())
            for channel in _channels(period.budget)
        )
    return alert


def _channels(budget: Budget) -> list[AlertChannel]:
    """Those of everybody who may see the budget."""
    found = AlertChannel.objects.filter(user__is_active=True).select_related("user")
    sees = {user.pk: _sees(user, budget) for user in {channel.user for channel in found}}
    return [channel for channel in found if sees[channel.user_id]]


def _sees(user: User, budget: Budget) -> bool:
    ids = rights.visible(user).get(budget.scope, ())
    return ids is None or budget.scope_id in ids


def visible(user: User) -> QuerySet[BudgetAlert]:
    """Of running and past periods, the newest first."""
    found = BudgetAlert.objects.select_related("period__budget", "acknowledged_by")
    if rights.is_administrator(user):
        return found
    return found.filter(period__budget__in=accounts.budgets_in(rights.visible(user)))


def open_for(user: User, now: datetime | None = None) -> QuerySet[BudgetAlert]:
    """Not acknowledged, and of a period that still runs."""
    running = visible(user).filter(period__refills_at__gt=now or timezone.now())
    return running.filter(acknowledged_at=None).order_by("-percent", "-pk")


def acknowledge(alert: BudgetAlert, user: User) -> None:
    BudgetAlert.objects.filter(pk=alert.pk, acknowledged_at=None).update(
        acknowledged_at=timezone.now(), acknowledged_by=user
    )


def sentence(alert: BudgetAlert) -> str:
    """Whose budget, how much, when it refills."""
    budget = alert.period.budget
    kind = "daily" if budget.period == Budget.Period.DAY else "monthly"
    money = " in demo dollars" if budget.currency == "demo" else ""
    return (
        f"{alert.percent} % of the {kind} budget of {overviews.owner_of(budget)} are spent: "
        f"{dollars(alert.spent_nano)} of {dollars(alert.ceiling_nano)}{money}; "
        f"it refills {periods.show(alert.period.refills_at)}."
    )
