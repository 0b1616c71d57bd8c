"""Ratings, the counts learned from them, remembered classifications and changed settings."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import Classification, Outcome, Posterior, Setting


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("trip", "user", "kind", "gear", "note", "created_at")
    list_filter = ("kind",)
    list_select_related = ("trip", "user")
    search_fields = ("trip__id", "user__username", "gear", "note")


@admin.register(Posterior)
class PosteriorAdmin(ReadOnlyAdmin):
    list_display = ("road", "gear", "good", "bad", "trips", "latency_s", "trained_at")
    list_filter = ("road",)
    search_fields = ("road", "gear")


@admin.register(Classification)
class ClassificationAdmin(ReadOnlyAdmin):
    list_display = ("road", "confidence", "source", "created_at")
    list_filter = ("road", "source")


@admin.register(Setting)
class SettingAdmin(ReadOnlyAdmin):
    """Changed by `clutch config set`, which checks names and values."""

    list_display = ("name", "value", "updated_at")
    search_fields = ("name",)
