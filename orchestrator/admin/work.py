"""Trips, their texts, calls and events: a record, so nothing here can be changed."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from orchestrator.models import Leg, Step, SweeperLock, Trip, TripEvent, TripPayload


class LegInline(ReadOnlyInline):
    model = Leg
    fields = ("path", "attempt", "gear", "state", "input_tokens", "output_tokens", "cost_nano")


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin):
    list_display = ("headline", "user", "state", "gear", "road", "cost_nano", "created_at")
    list_filter = ("state", "source", "pattern", "currency")
    list_select_related = ("user",)
    search_fields = ("id", "headline", "user__username", "gear", "road", "error_code")
    date_hierarchy = "created_at"
    inlines = (LegInline,)


@admin.register(TripPayload)
class TripPayloadAdmin(ReadOnlyAdmin):
    list_display = ("trip",)
    list_select_related = ("trip",)
    search_fields = ("trip__id", "trip__headline")


@admin.register(Leg)
class LegAdmin(ReadOnlyAdmin):
    list_display = (
        "trip",
        "path",
        "attempt",
        "gear",
        "state",
        "cost_nano",
        "seconds",
        "started_at",
    )
    list_filter = ("state", "level", "provider", "currency", "is_usage_estimated")
    list_select_related = ("trip",)
    search_fields = ("id", "gear", "model_id", "provider_request_id", "error_code")


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    list_display = ("trip", "path", "name", "gear", "created_at")
    list_select_related = ("trip",)
    search_fields = ("trip__id", "name")


@admin.register(TripEvent)
class TripEventAdmin(ReadOnlyAdmin):
    list_display = ("trip", "seq", "kind", "created_at")
    list_filter = ("kind",)
    list_select_related = ("trip",)
    search_fields = ("trip__id",)


@admin.register(SweeperLock)
class SweeperLockAdmin(ReadOnlyAdmin):
    list_display = ("owner", "until")
