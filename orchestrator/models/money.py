"""Budgets, holds and the ledger. Amounts are whole nano-dollars."""

from django.db import models
from django.db.models import Q

from orchestrator.models.ids import new_id


class Currency(models.TextChoices):
    USD = "usd"
    DEMO = "demo"


class Budget(models.Model):
    """A limit for one scope and period. A null limit only counts, it never refuses."""

    class Scope(models.TextChoices):
        GLOBAL = "global"
        TEAM = "team"
        USER = "user"
        TOKEN = "token"  # noqa: S105  # the name of a scope
        PROVIDER = "provider"
        ROAD = "road"
        # What a profile may take of its driver's day; made by the product, never by hand.
        PROFILE = "profile"

    class Period(models.TextChoices):
        DAY = "day"
        MONTH = "month"

    scope = models.CharField(max_length=10, choices=Scope.choices)
    scope_id = models.CharField(max_length=63, blank=True)
    period = models.CharField(max_length=5, choices=Period.choices)
    currency = models.CharField(max_length=4, choices=Currency.choices, default=Currency.USD)
    limit_nano = models.BigIntegerField(null=True, blank=True)
    # Moves with every change by a person, so that none overwrites another unseen.
    revision = models.PositiveIntegerField(default=1)
    # A removed budget binds nobody and is not shown; it counts on, so that it may come back.
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_id", "period", "currency"], name="one_budget_each"
            ),
            models.CheckConstraint(
                condition=Q(limit_nano__isnull=True) | Q(limit_nano__gte=0),
                name="budget_limit_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.scope_id} per {self.period} ({self.currency})"


class BudgetPeriod(models.Model):
    """What one budget has held and spent in one period. No job ever resets it: the key moves on."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="periods")
    key = models.CharField(max_length=80)
    limit_nano = models.BigIntegerField(null=True, blank=True)
    granted_nano = models.BigIntegerField(default=0)
    # Lent to other members; below zero where more was borrowed than lent.
    lent_nano = models.BigIntegerField(default=0)
    spent_nano = models.BigIntegerField(default=0)
    reserved_nano = models.BigIntegerField(default=0)
    refills_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "key"], name="one_period_each"),
            models.CheckConstraint(
                condition=Q(reserved_nano__gte=0) & Q(granted_nano__gte=0),
                name="reserved_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["refills_at"], name="period_running")]

    def __str__(self) -> str:
        return f"{self.budget} · {self.key}"

    @property
    def ceiling_nano(self) -> int | None:
        if self.limit_nano is None:
            return None
        return self.limit_nano + self.granted_nano - self.lent_nano


class Reservation(models.Model):
    """A hold on several periods at once, all or nothing."""

    class State(models.TextChoices):
        HELD = "held"
        SETTLED = "settled"
        RELEASED = "released"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    leg = models.OneToOneField(
        "orchestrator.Leg", on_delete=models.PROTECT, related_name="reservation"
    )
    amount_nano = models.BigIntegerField()
    actual_nano = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=4, choices=Currency.choices)
    # Where it was held is where it is booked, whatever the clock says by then.
    period_ids = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_nano__gte=0), name="reservation_not_negative")
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="reservation_held", condition=Q(state="held"))
        ]

    def __str__(self) -> str:
        return f"{self.amount_nano} {self.currency} ({self.state})"


class LedgerEntry(models.Model):
    """Append-only; the database refuses to change or delete a row.

    What was spent is the sum of `settle` and `unknown`. An `overrun` only notes how far a settle
    exceeded its hold; `reserve` and `release` carry the amount of the hold.
    """

    class Kind(models.TextChoices):
        RESERVE = "reserve"
        SETTLE = "settle"
        RELEASE = "release"
        OVERRUN = "overrun"
        UNKNOWN = "unknown"

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount_nano = models.BigIntegerField()
    currency = models.CharField(max_length=4, choices=Currency.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["reservation", "kind"], name="one_entry_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_nano} {self.currency}"


class Grant(models.Model):
    """Extra money given to one budget for its current period, by whom and why."""

    period = models.ForeignKey(BudgetPeriod, on_delete=models.PROTECT, related_name="grants")
    amount_nano = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(
        "orchestrator.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.amount_nano} for {self.period}"
