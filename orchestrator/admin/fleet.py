"""Providers, gears, roads and rules."""

from django.contrib import admin

from orchestrator.admin.readonly import AnyAdmin, ReadOnlyAdmin
from orchestrator.models import (
    FleetChange,
    FleetDocument,
    FleetVersion,
    Gear,
    Provider,
    Road,
    Rule,
)

DATES = ("created_at", "updated_at")


@admin.register(Provider)
class ProviderAdmin(AnyAdmin):
    list_display = ("name", "title", "kind", "is_enabled", "is_local", "reach", "checked_at")
    list_filter = ("is_enabled", "is_local", "kind", "reach")
    search_fields = ("name", "title", "base_url")
    readonly_fields = (*DATES, "reach", "reach_note", "checked_at")


@admin.register(Gear)
class GearAdmin(AnyAdmin):
    list_display = ("name", "level", "provider", "model_id", "is_enabled", "price_source", "order")
    list_filter = ("level", "is_enabled", "provider", "price_source")
    list_select_related = ("provider",)
    search_fields = ("name", "title", "model_id")
    readonly_fields = (*DATES, "verified_at")


@admin.register(Road)
class RoadAdmin(AnyAdmin):
    list_display = ("title", "name", "task_type", "default_gear", "throttle", "pattern", "order")
    list_filter = ("pattern", "is_enabled", "level")
    search_fields = ("name", "title", "task_type")
    readonly_fields = DATES


@admin.register(Rule)
class RuleAdmin(AnyAdmin):
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
