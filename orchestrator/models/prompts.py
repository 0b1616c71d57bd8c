"""The prompt library: a prompt is a name for its versions, whose texts are never changed."""

from typing import Any

from django.db import models
from django.db.models import Q

from orchestrator.models.fleet import NAME
from orchestrator.models.people import Team, User


class Prompt(models.Model):
    """One person's, one team's, or everyone's: then both are None. `live` is what is used."""

    name = models.CharField(max_length=63, validators=[NAME])
    title = models.CharField(max_length=120, blank=True)
    description = models.CharField(max_length=300, blank=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="prompts"
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="prompts"
    )
    live = models.ForeignKey(
        "orchestrator.PromptVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Everything that is searched in, folded; kept up to date by `services.prompts.finding`.
    sought = models.TextField(blank=True, editable=False)
    times_used = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-times_used", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "user"], condition=Q(deleted_at=None), name="one_own_prompt"
            ),
            models.UniqueConstraint(
                fields=["name", "team"], condition=Q(deleted_at=None), name="one_team_prompt"
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(user=None, team=None, deleted_at=None),
                name="one_shared_prompt",
            ),
            models.CheckConstraint(
                condition=Q(user=None) | Q(team=None), name="prompt_has_one_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def text(self) -> str:
        return self.live.text if self.live else ""


class PromptVersion(models.Model):
    """Only `state` moves: a suggested text is taken into the history, or declined."""

    class State(models.TextChoices):
        KEPT = "kept"
        SUGGESTED = "suggested"
        DECLINED = "declined"

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.KEPT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="one_version_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.prompt} v{self.number}"

    def save(self, **options: Any) -> None:
        if not self._state.adding and options.get("update_fields") != ["state"]:
            raise TypeError("A version is never changed; save a new one.")
        super().save(**options)


class PromptTag(models.Model):
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "name"], name="prompt_tagged_once")
        ]

    def __str__(self) -> str:
        return self.name


class PromptStar(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="prompt_stars")
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="stars")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "prompt"], name="starred_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.prompt}"
