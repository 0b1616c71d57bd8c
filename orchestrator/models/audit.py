"""Who changed what: entries that the database itself refuses to change or delete."""

from django.db import models

from orchestrator.models.ids import new_id


class AuditEntry(models.Model):
    """Ids and names instead of foreign keys: an entry outlives whom and what it is about."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=150, blank=True)
    source = models.CharField(max_length=10, blank=True)
    team_id = models.BigIntegerField(null=True, blank=True)
    team_name = models.CharField(max_length=100, blank=True)
    area = models.CharField(max_length=20)
    what = models.CharField(max_length=200)
    before = models.CharField(max_length=500, blank=True)
    after = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["team_id", "-id"], name="audit_by_team"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return self.what
