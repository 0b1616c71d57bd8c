"""Circuit breakers, shared by all processes, and alerts."""

from django.db import models


class Breaker(models.Model):
    """One per (provider, model, credential): a bad key must not close the model for another key."""

    provider = models.CharField(max_length=63)
    model_id = models.CharField(max_length=200)
    credential = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, default="closed")
    consecutive_failures = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField(null=True, blank=True)
    window_failures = models.PositiveIntegerField(default=0)
    times_opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)
    # Only the holder of the probe may call while the breaker is half open.
    probe_until = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=40, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "model_id", "credential"], name="one_breaker_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model_id}: {self.state}"


class Alert(models.Model):
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    message = models.CharField(max_length=500)
    trip = models.ForeignKey("orchestrator.Trip", on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
