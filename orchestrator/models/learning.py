"""What trips taught: outcomes of single trips, and the counts the decision reads."""

from django.db import models

from orchestrator.models.people import User
from orchestrator.models.work import Trip


class Outcome(models.Model):
    class Kind(models.TextChoices):
        GOOD = "good"
        BAD = "bad"
        OVERKILL = "overkill"
        TOO_SLOW = "too_slow"
        CORRECTED = "corrected"

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="outcomes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    gear = models.CharField(max_length=63, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["trip", "user"], name="one_rating_each")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.trip_id}"


class Posterior(models.Model):
    """Faded counts of good and bad outcomes for one road and gear."""

    road = models.CharField(max_length=63)
    gear = models.CharField(max_length=63)
    good = models.FloatField(default=0)
    bad = models.FloatField(default=0)
    latency_s = models.FloatField(null=True, blank=True)
    trips = models.PositiveIntegerField(default=0)
    trained_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["road", "gear"], name="one_posterior")]

    def __str__(self) -> str:
        return f"{self.road} · {self.gear}: {self.good:.1f} good, {self.bad:.1f} bad"


class Classification(models.Model):
    """A classifier's answer, kept for a while under the digest of the text."""

    digest = models.CharField(max_length=64, primary_key=True)
    road = models.CharField(max_length=63)
    confidence = models.FloatField()
    source = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.road} ({self.confidence:.2f})"


class Setting(models.Model):
    """A value people change while it runs; `services.setup.options` knows names and types."""

    name = models.CharField(max_length=63, primary_key=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
