"""Plans that people keep to run again."""

from django.db import models

from orchestrator.models.fleet import NAME
from orchestrator.models.people import User


class RunTemplate(models.Model):
    """A task and a plan with places to fill. The shipped ones are files, not rows."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="run_templates")
    name = models.CharField(max_length=63, validators=[NAME])
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    pattern = models.CharField(max_length=10)
    task = models.TextField(blank=True)
    document = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_run_template_of_a_name")
        ]

    def __str__(self) -> str:
        return self.title
