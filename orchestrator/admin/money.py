"""Budgets can be set here; what was held and booked can only be read."""

from django.contrib import admin

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import (
    AlertChannel,
    AlertDelivery,
    Budget,
    BudgetAlert,
    BudgetChange,
    BudgetPeriod,
    Grant,
    LedgerEntry,
    Loan,
    Reservation,
)


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    """Limits are changed on the budgets page, which moves the running period with them."""

    list_display = ("scope", "scope_id", "period", "currency", "limit_nano", "updated_at")
    list_filter = ("scope", "period", "currency")
    search_fields = ("scope_id",)


@admin.register(BudgetPeriod)
class BudgetPeriodAdmin(ReadOnlyAdmin):
    list_display = (
        *("budget", "key", "limit_nano", "granted_nano"),
        *("spent_nano", "reserved_nano", "refills_at"),
    )
    list_filter = ("budget__scope", "budget__currency")
    list_select_related = ("budget",)
    search_fields = ("key",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("id", "leg", "amount_nano", "currency", "state", "expires_at")
    list_filter = ("state", "currency")
    list_select_related = ("leg",)
    search_fields = ("id", "leg__id")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "reservation", "kind", "amount_nano", "currency", "created_at")
    list_filter = ("kind", "currency")
    list_select_related = ("reservation",)
    search_fields = ("reservation__id",)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("period", "amount_nano", "note", "made_by", "created_at")
    list_select_related = ("period__budget", "made_by")
    search_fields = ("note", "made_by__username")


@admin.register(Loan)
class LoanAdmin(ReadOnlyAdmin):
    list_display = ("lender", "borrower", "amount_nano", "returned_nano", "made_by", "created_at")
    list_select_related = ("lender__budget", "borrower__budget", "made_by")
    search_fields = ("note", "made_by__username")


@admin.register(BudgetChange)
class BudgetChangeAdmin(ReadOnlyAdmin):
    list_display = ("budget", "kind", "before_nano", "after_nano", "made_by", "created_at")
    list_filter = ("kind",)
    list_select_related = ("budget", "made_by")
    search_fields = ("note", "made_by__username")


@admin.register(BudgetAlert)
class BudgetAlertAdmin(ReadOnlyAdmin):
    list_display = ("period", "percent", "spent_nano", "ceiling_nano", "acknowledged_at")
    list_filter = ("percent",)
    list_select_related = ("period__budget",)


@admin.register(AlertChannel)
class AlertChannelAdmin(ReadOnlyAdmin):
    """The address itself stays sealed."""

    list_display = ("user", "kind", "shown", "created_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    exclude = ("sealed",)


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("alert", "channel", "state", "attempts", "due_at", "error")
    list_filter = ("state",)
    list_select_related = ("alert__period__budget", "channel")
