"""Providers, gears, roads and rules."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from orchestrator.admin.checked import CheckedAdmin
from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import (
    FleetChange,
    FleetDocument,
    FleetVersion,
    Gear,
    Provider,
    Road,
    Rule,
)
from orchestrator.services.drafts import checks
from orchestrator.services.setup.sections import fleet

DATES = ("created_at", "updated_at")


@admin.register(Provider)
class ProviderAdmin(CheckedAdmin):
    check_row = fleet.check_provider
    list_display = ("name", "title", "kind", "is_enabled", "is_local", "reach", "checked_at")
    list_filter = ("is_enabled", "is_local", "kind", "reach")
    search_fields = ("name", "title", "base_url")
    readonly_fields = (*DATES, "reach", "reach_note", "checked_at")


@admin.register(Gear)
class GearAdmin(CheckedAdmin):
    check_row = fleet.check_gear
    actions = (*CheckedAdmin.actions, "retire")
    list_display = ("name", "level", "provider", "model_id", "is_enabled", "price_source", "order")
    list_filter = ("level", "is_enabled", "retired_at", "provider", "price_source")
    list_select_related = ("provider",)
    search_fields = ("name", "title", "model_id")
    readonly_fields = (*DATES, "verified_at")

    @admin.action(description="Retire the selected: kept for reports, no longer chosen")
    def retire(self, request: HttpRequest, queryset: QuerySet[Gear]) -> None:
        for gear in queryset.filter(retired_at=None):
            gear.retired_at = timezone.now()
            gear.save(update_fields=["retired_at", "updated_at"])
        self.message_user(request, "Retired.")

    def get_actions(self, request: HttpRequest) -> Any:
        """What is in use is retired; a list of them is never deleted at once."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def has_delete_permission(self, request: HttpRequest, obj: Gear | None = None) -> bool:
        is_free = obj is None or not checks.uses_of_gear(obj.name)
        return is_free and super().has_delete_permission(request, obj)


@admin.register(Road)
class RoadAdmin(CheckedAdmin):
    check_row = fleet.check_road
    list_display = ("title", "name", "task_type", "default_gear", "throttle", "pattern", "order")
    list_filter = ("pattern", "is_enabled", "level")
    search_fields = ("name", "title", "task_type")
    readonly_fields = DATES


@admin.register(Rule)
class RuleAdmin(CheckedAdmin):
    check_row = fleet.check_rule
    list_display = ("name", "reason", "origin", "made_by", "is_enabled", "ends_at", "order")
    list_filter = ("is_enabled", "origin")
    list_select_related = ("made_by",)
    search_fields = ("name", "reason")
    readonly_fields = (*DATES, "made_by")


@admin.register(FleetDocument)
class FleetDocumentAdmin(ReadOnlyAdmin):
    list_display = ("version", "note", "made_by", "created_at")
    list_select_related = ("made_by",)
    search_fields = ("note", "made_by__username")
    date_hierarchy = "created_at"


@admin.register(FleetChange)
class FleetChangeAdmin(ReadOnlyAdmin):
    """The draft is changed on the pages, which check it and keep two people apart."""

    list_display = ("group", "name", "made_by", "updated_at")
    list_filter = ("group",)
    list_select_related = ("made_by",)
    search_fields = ("name", "made_by__username")


@admin.register(FleetVersion)
class FleetVersionAdmin(ReadOnlyAdmin):
    list_display = ("number",)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Who changed what in the administration."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "user__username")
    date_hierarchy = "action_time"
