"""Test drives of prompts: one version with fixed inputs on several gears."""

from django.db import models
from django.db.models import Q

from orchestrator.models.people import User
from orchestrator.models.prompts import Prompt, PromptVersion
from orchestrator.models.work import Trip


class PromptTrial(models.Model):
    """`baseline` is the earlier one whose inputs and gears were driven again."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="trials")
    version = models.ForeignKey(PromptVersion, on_delete=models.CASCADE, related_name="trials")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="prompt_trials")
    # Made by the page that asks, so that a second click starts nothing.
    key = models.UUIDField()
    inputs = models.JSONField()
    gears = models.JSONField()
    is_baseline = models.BooleanField(default=False)
    baseline = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reruns"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="trial_started_once"),
            models.UniqueConstraint(
                fields=["prompt", "user"], condition=Q(is_baseline=True), name="one_baseline"
            ),
        ]

    def __str__(self) -> str:
        return f"test drive {self.pk} of {self.version}"


class PromptTrialCell(models.Model):
    """One input on one gear. Without a trip it was refused, and `problem` says why."""

    trial = models.ForeignKey(PromptTrial, on_delete=models.CASCADE, related_name="cells")
    row = models.PositiveSmallIntegerField()
    gear = models.CharField(max_length=63)
    trip = models.ForeignKey(Trip, on_delete=models.SET_NULL, null=True, blank=True)
    expected_nano = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=4, default="usd")
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["row", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "row", "gear"], name="one_cell_of_a_trial")
        ]

    def __str__(self) -> str:
        return f"input {self.row + 1} on {self.gear}"
