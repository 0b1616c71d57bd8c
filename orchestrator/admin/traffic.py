"""How fast each provider may be asked, and who holds which share of it."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import ProviderPace, ProviderShare


@admin.register(ProviderPace)
class ProviderPaceAdmin(ReadOnlyAdmin):
    list_display = ("provider", "requests_until_s", "tokens_until_s", "closed_until_s")
    search_fields = ("provider",)


@admin.register(ProviderShare)
class ProviderShareAdmin(ReadOnlyAdmin):
    list_display = ("provider", "owner", "wanted", "granted", "until")
    list_filter = ("provider",)
    search_fields = ("provider", "owner")
