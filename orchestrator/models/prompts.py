"""The prompt library: a prompt is a name for its versions, which are never changed."""

from django.db import models
from django.db.models import Q

from orchestrator.models.fleet import NAME
from orchestrator.models.people import User


class Prompt(models.Model):
    """`user` None makes it everyone's. `live` is the version that is used."""

    name = models.CharField(max_length=63, validators=[NAME])
    title = models.CharField(max_length=120, blank=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="prompts"
    )
    live = models.ForeignKey(
        "orchestrator.PromptVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    times_used = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-times_used", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "user"], condition=Q(deleted_at=None), name="one_own_prompt"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(user=None, deleted_at=None), name="one_shared_prompt"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name


class PromptVersion(models.Model):
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="one_version_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.prompt} v{self.number}"
