"""How the calls to providers are shared out and spread over time."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import ProviderPace, ProviderShare


@admin.register(ProviderShare)
class ProviderShareAdmin(ReadOnlyAdmin):
    list_display = ("provider", "owner", "wanted", "granted", "until")
    list_filter = ("provider",)
    search_fields = ("provider", "owner")


@admin.register(ProviderPace)
class ProviderPaceAdmin(ReadOnlyAdmin):
    list_display = ("provider", "requests_until_s", "tokens_until_s", "closed_until_s")
    search_fields = ("provider",)
