"""Daily sums and what people keep of reports."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import ReportDigest, ReportShare, SavedReport, UsageDay, UsageLock


@admin.register(UsageDay)
class UsageDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "grain", "gear", "road", "currency", "trips", "calls", "cost_nano")
    list_filter = ("grain", "currency")
    date_hierarchy = "day"


@admin.register(SavedReport)
class SavedReportAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")


@admin.register(ReportShare)
class ReportShareAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "expires_at", "revoked_at", "opened_at")
    list_select_related = ("user",)
    exclude = ("digest",)


@admin.register(ReportDigest)
class ReportDigestAdmin(ReadOnlyAdmin):
    list_display = ("scope", "channel", "user", "due_at", "sent_at", "error")
    list_filter = ("channel",)
    list_select_related = ("user",)


@admin.register(UsageLock)
class UsageLockAdmin(ReadOnlyAdmin):
    list_display = ("id",)
