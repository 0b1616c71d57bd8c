"""Prompts: their texts are theirs who wrote them, so the records are read only here."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import Prompt, PromptVersion


@admin.register(Prompt)
class PromptAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "user", "times_used", "updated_at")
    list_select_related = ("user",)
    search_fields = ("name", "title", "user__username")


@admin.register(PromptVersion)
class PromptVersionAdmin(ReadOnlyAdmin):
    list_display = ("prompt", "number", "note", "author", "created_at")
    list_select_related = ("prompt", "author")
    search_fields = ("prompt__name", "note")
