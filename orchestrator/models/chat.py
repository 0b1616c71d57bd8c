"""Conversations as trees of messages, and the profiles they are driven with."""

from django.db import models
from django.db.models import Q

from orchestrator.models.fleet import NAME
from orchestrator.models.ids import new_id
from orchestrator.models.people import Team, User


class Profile(models.Model):
    """Instructions and limits a person drives with. An empty list of gears allows all."""

    name = models.CharField(max_length=63, validators=[NAME])
    title = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)
    instructions = models.TextField(blank=True)
    policy = models.CharField(max_length=20, default="balanced")
    allowed_gears = models.JSONField(default=list, blank=True)
    allowed_patterns = models.JSONField(default=list, blank=True)
    max_level = models.PositiveSmallIntegerField(default=5)
    min_throttle = models.PositiveSmallIntegerField(default=0)
    max_throttle = models.PositiveSmallIntegerField(default=100)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(user=None, team=None),
                name="one_shared_profile_of_a_name",
            ),
            models.UniqueConstraint(
                fields=["name", "user"], condition=Q(team=None), name="one_own_profile_of_a_name"
            ),
            models.UniqueConstraint(fields=["name", "team"], name="one_team_profile_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    profile = models.ForeignKey(Profile, on_delete=models.SET_NULL, null=True, blank=True)
    overrides = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["user", "-updated_at"])]

    def __str__(self) -> str:
        return self.title or str(self.id)


class Message(models.Model):
    """One turn. `parent` makes the tree; siblings are edits and regenerations."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField(blank=True)
    trip = models.ForeignKey(
        "orchestrator.Trip", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    client_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["conversation", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_sent_once")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:40]}"
