"""Prompts: their texts are theirs who wrote them, so the records are read only here."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import (
    Prompt,
    PromptStar,
    PromptTag,
    PromptTrial,
    PromptTrialCell,
    PromptVersion,
)


@admin.register(Prompt)
class PromptAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "user", "team", "times_used", "updated_at")
    list_select_related = ("user", "team")
    search_fields = ("name", "title", "user__username", "team__name")


@admin.register(PromptVersion)
class PromptVersionAdmin(ReadOnlyAdmin):
    list_display = ("prompt", "number", "state", "note", "author", "created_at")
    list_select_related = ("prompt", "author")
    list_filter = ("state",)
    search_fields = ("prompt__name", "note")


@admin.register(PromptTag)
class PromptTagAdmin(ReadOnlyAdmin):
    list_display = ("name", "prompt")
    list_select_related = ("prompt",)
    search_fields = ("name", "prompt__name")


@admin.register(PromptStar)
class PromptStarAdmin(ReadOnlyAdmin):
    list_display = ("user", "prompt")
    list_select_related = ("user", "prompt")
    search_fields = ("user__username", "prompt__name")


@admin.register(PromptTrial)
class PromptTrialAdmin(ReadOnlyAdmin):
    list_display = ("version", "user", "is_baseline", "created_at")
    list_select_related = ("version__prompt", "user")
    list_filter = ("is_baseline",)
    search_fields = ("prompt__name", "user__username")


@admin.register(PromptTrialCell)
class PromptTrialCellAdmin(ReadOnlyAdmin):
    list_display = ("trial", "row", "gear", "expected_nano", "currency", "problem")
    list_select_related = ("trial__version__prompt",)
    search_fields = ("gear", "trial__prompt__name")
