"""Conversations as trees of messages, and the profiles they are driven with."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from orchestrator.models.fleet import NAME
from orchestrator.models.ids import new_id
from orchestrator.models.people import Team, User


class Profile(models.Model):
    """Instructions and limits a person drives with. What is left empty is not limited by it."""

    name = models.CharField(max_length=63, validators=[NAME])
    title = models.CharField(max_length=100, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)
    instructions = models.TextField(blank=True)
    # A preset's name, a number from 0 (cheap) to 100 (good), or nothing.
    policy = models.CharField(max_length=20, default="balanced", blank=True)
    allowed_gears = models.JSONField(default=list, blank=True)
    allowed_patterns = models.JSONField(default=list, blank=True)
    max_level = models.PositiveSmallIntegerField(default=5)
    min_throttle = models.PositiveSmallIntegerField(default=0)
    max_throttle = models.PositiveSmallIntegerField(default=100)
    default_tags = models.JSONField(default=list, blank=True)
    # Percent of the driver's day that tasks with this profile may take.
    budget_share = models.PositiveSmallIntegerField(null=True, blank=True)
    # The profile that a team's copy was made of, by whom it was shared.
    shared_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    revision = models.PositiveIntegerField(default=1)
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


class ImportBatch(models.Model):
    """One import of a file of chats, so that it can be watched and undone as a whole."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="import_batches")
    source = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DONE)
    # Chats in the file; those of it that were imported and those that were passed over so far.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # A running import moves this on; one that no longer does was interrupted.
    seen_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "import batches"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.source} import of {self.created_at:%Y-%m-%d}"


class Conversation(models.Model):
    """A chat. `head` is the newest message of the branch that is shown."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    profile = models.ForeignKey(Profile, on_delete=models.SET_NULL, null=True, blank=True)
    # What people pinned for every message to come: gear, throttle, pattern.
    overrides = models.JSONField(default=dict, blank=True)
    head = models.ForeignKey(
        "orchestrator.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    import_batch = models.ForeignKey(
        ImportBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    # The id it had elsewhere: the same chat is not imported twice.
    imported_id = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-updated_at"]
        indexes = [
            models.Index(fields=["user", "-updated_at"]),
            models.Index(fields=["user", "imported_id"]),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="chat_deleted"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class ConversationTag(models.Model):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["conversation", "name"], name="tagged_once")]

    def __str__(self) -> str:
        return self.name


class Attachment(models.Model):
    """A file a person gave, cleaned: what is kept here is what a model is sent."""

    class Kind(models.TextChoices):
        IMAGE = "image"
        PDF = "pdf"
        TEXT = "text"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    # Of a PDF the text that was found in it, of a text file all of it.
    text = models.TextField(blank=True)
    data = models.BinaryField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One turn. `parent` makes the tree; siblings are edits, regenerations and comparisons."""

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
    # The text as sanitised HTML; empty until somebody looked at it.
    html = models.TextField(blank=True)
    # The renderer that made it; another one makes it anew. May be NULL because SQLite adds only
    # such columns without copying the table, which would drop the triggers of the search.
    html_edition = models.BigIntegerField(null=True, blank=True)
    attachments = models.ManyToManyField(Attachment, blank=True, related_name="messages")
    trip = models.ForeignKey(
        "orchestrator.Trip",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
    )
    # The version of a prompt that the text was made from.
    prompt_version = models.ForeignKey(
        "orchestrator.PromptVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
    )
    # Answers to one question that were asked for side by side share this.
    comparison = models.UUIDField(null=True, blank=True)
    # What answered where there is no trip: an imported chat names its model here.
    model_name = models.CharField(max_length=100, blank=True)
    client_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["conversation", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_sent_once")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:40]}"
