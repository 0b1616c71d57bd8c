"""Usage by day, saved reports, shared links and digests: records. Addresses may hold secrets."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models.reports import (
    ReportDigest,
    ReportShare,
    SavedReport,
    UsageDay,
    UsageLock,
)


@admin.register(UsageDay)
class UsageDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "grain", "currency", "gear", "provider", "road", "cost_nano")
    list_filter = ("grain", "currency", "provider")
    search_fields = ("gear", "provider", "road", "profile")


@admin.register(UsageLock)
class UsageLockAdmin(ReadOnlyAdmin):
    list_display = ("pk",)


@admin.register(SavedReport)
class SavedReportAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")


@admin.register(ReportShare)
class ReportShareAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "created_at", "expires_at", "revoked_at", "opened_at")
    list_filter = ("revoked_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    exclude = ("digest",)


@admin.register(ReportDigest)
class ReportDigestAdmin(ReadOnlyAdmin):
    list_display = ("user", "scope", "channel", "due_at", "sent_at", "failures")
    list_filter = ("channel",)
    list_select_related = ("user",)
    search_fields = ("user__username", "scope")
    exclude = ("address",)
