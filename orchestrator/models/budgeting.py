"""What people do with budgets: loans, alerts and where they are told, and the log of changes."""

from django.db import models
from django.db.models import F, Q

from orchestrator.models.money import Budget, BudgetPeriod
from orchestrator.models.people import User


class Loan(models.Model):
    """Money that one member gives another for the running period; it lapses with the period."""

    lender = models.ForeignKey(BudgetPeriod, on_delete=models.PROTECT, related_name="loans_given")
    borrower = models.ForeignKey(BudgetPeriod, on_delete=models.PROTECT, related_name="loans_taken")
    amount_nano = models.BigIntegerField()
    returned_nano = models.BigIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_nano__gte=0) & Q(returned_nano__lte=F("amount_nano")),
                name="loan_returned_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_nano} from {self.lender} to {self.borrower}"

    @property
    def open_nano(self) -> int:
        return self.amount_nano - self.returned_nano


class BudgetAlert(models.Model):
    """A share of a budget that was reached; once for each share and period."""

    period = models.ForeignKey(BudgetPeriod, on_delete=models.CASCADE, related_name="alerts")
    percent = models.PositiveSmallIntegerField()
    spent_nano = models.BigIntegerField()
    ceiling_nano = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["period", "percent"], name="alert_fired_once")
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.period}"


class AlertChannel(models.Model):
    """Where a person is told of alerts. An address can be a secret, so it is kept sealed."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        SLACK = "slack", "Slack"
        DISCORD = "discord", "Discord"
        WEBHOOK = "webhook", "Webhook"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_channels")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sealed = models.TextField()
    # What of the address may be shown: a mail address, or the host of a web address.
    shown = models.CharField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.shown}"


class AlertDelivery(models.Model):
    """One alert on its way to one channel. Kept, so that a crash or an outage loses none."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    alert = models.ForeignKey(BudgetAlert, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "alert deliveries"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "channel"], name="alert_delivered_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.alert} to {self.channel} ({self.state})"


class BudgetChange(models.Model):
    """Who changed what about a budget; entries are only added."""

    class Kind(models.TextChoices):
        SET = "set"
        REMOVED = "removed"
        GRANTED = "granted"
        RAISED = "raised"
        LENT = "lent"
        BORROWED = "borrowed"
        RETURNED = "returned"

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    before_nano = models.BigIntegerField(null=True, blank=True)
    after_nano = models.BigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.budget}"
