"""Circuit breakers and alerts."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import Alert, Breaker


@admin.register(Breaker)
class BreakerAdmin(ReadOnlyAdmin):
    list_display = (
        *("provider", "model_id", "state", "consecutive_failures"),
        *("open_until", "last_error_code", "last_error_at"),
    )
    list_filter = ("state", "provider")
    search_fields = ("provider", "model_id", "last_error_code")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("kind", "subject", "message", "created_at", "dismissed_at")
    list_filter = ("kind", "dismissed_at")
    search_fields = ("subject", "message")
    actions = ("dismiss",)

    @admin.action(description="Dismiss the selected alerts", permissions=["view"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        count = queryset.filter(dismissed_at=None).update(dismissed_at=timezone.now())
        self.message_user(request, f"{count} dismissed.")
