"""Plans that people kept: theirs, so the records are read only here."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import RunTemplate


@admin.register(RunTemplate)
class RunTemplateAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "user", "pattern", "updated_at")
    list_filter = ("pattern",)
    list_select_related = ("user",)
    search_fields = ("name", "title", "user__username")
