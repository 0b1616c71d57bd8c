"""The administration: one file per subject."""

from django.contrib import admin

from orchestrator.admin import (
    chat,
    fleet,
    health,
    learning,
    money,
    people,
    prompts,
    reports,
    runs,
    traffic,
    work,
)

admin.site.site_title = admin.site.site_header = "Clutch Web administration"
admin.site.index_title = "Records"

__all__ = [
    "chat",
    "fleet",
    "health",
    "learning",
    "money",
    "people",
    "prompts",
    "reports",
    "runs",
    "traffic",
    "work",
]
